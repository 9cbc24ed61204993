import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from "graphql";

const known = new WeakMap<OperationDefinitionNode, string>();

/**
 * What a valid operation does, in a word: its root field, or `several`. Unlike the name that a client gives it, this
 * takes few values. Apollo keeps documents, and so the answer is kept with them.
 */
export function rootFieldOf(operation: OperationDefinitionNode, document: DocumentNode): string {
  const name = known.get(operation) ?? findRootField(operation, document);
  known.set(operation, name);
  return name;
}

function findRootField(operation: OperationDefinitionNode, document: DocumentNode): string {
  const names = new Set(fieldsOf(operation.selectionSet, document));
  if (names.size > 1) names.delete("__typename");
  const [name = "none"] = names;
  return names.size > 1 ? "several" : name;
}

function fieldsOf({ selections }: SelectionSetNode, document: DocumentNode): string[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection.name.value];
    if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsOf(selection.selectionSet, document);
    const fragment = document.definitions.find(
      (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
    );
    return fragment?.kind === Kind.FRAGMENT_DEFINITION ? fieldsOf(fragment.selectionSet, document) : [];
  });
}
