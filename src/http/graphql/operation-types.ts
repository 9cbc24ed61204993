import { type ASTVisitor, GraphQLError, type ValidationContext } from "graphql";

/** A validation rule: an operation of a type that the schema doesn't have is no valid request. GraphQL itself finds it only when executing. */
export function operationTypes(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(node) {
      if (context.getSchema().getRootType(node.operation)) return;
      context.reportError(new GraphQLError(`There is no ${node.operation} in this API.`, { nodes: node }));
    },
  };
}
