/**
 * The text of a GraphQL operation, which may know the types of its result and its variables. A plain string is one, and so is
 * what `@graphql-codegen/typed-document-node` makes in its string mode. There is no GraphQL parser on the phone.
 */
export interface Document<Result = unknown, Variables = unknown> {
  toString(): string;
  /** Only for the type checker. */
  __apiType?: (variables: Variables) => Result;
}

/**
 * Whether an operation only reads, so that sending it twice does no harm.
 * @internal
 */
export const isQuery = (text: string) => /^\s*(query\b|\{)/.test(text.replace(/#.*/g, ""));
