import {
  type ASTVisitor,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
} from "graphql";
import { AppError, type Text } from "../../errors.js";

/** How many tokens a document may have. The parser itself counts them. */
export const maxTokens = 1_000;

/** What one operation may hold, with its fragments spread out. */
const limits = { depth: 10, aliases: 15, directives: 15, fields: 500, logins: 1, exports: 1 } as const;

type Measure = keyof typeof limits;
type Measures = Record<Measure, number>;

const labels: Record<Measure, Text> = {
  depth: { zh: "嵌套层数", en: "levels of nesting" },
  aliases: { zh: "别名数", en: "aliases" },
  directives: { zh: "指令数", en: "directives" },
  fields: { zh: "字段数", en: "fields" },
  logins: { zh: "登录次数", en: "sign-in" },
  exports: { zh: "导出次数", en: "export" },
};

/** Fields that call WeChat with a login code, if they are given one, and would let one request try many codes. */
const loginFields = new Set(["wxLogin", "deleteAccount", "exportMyData"]);

const isLogin = ({ name, arguments: given = [] }: FieldNode) =>
  loginFields.has(name.value) && given.some((argument) => argument.name.value === "code");

const nothing: Measures = { depth: 0, aliases: 0, directives: 0, fields: 0, logins: 0, exports: 0 };

const names = Object.keys(nothing).filter((name): name is Measure => Object.hasOwn(limits, name));

/** A validation rule: an operation over a limit is refused before it runs, with `QUERY_TOO_COMPLEX`. */
export function queryLimits(context: ValidationContext): ASTVisitor {
  const ofFragments = new Map<FragmentDefinitionNode, Measures>();

  function measure(set: SelectionSetNode | undefined): Measures {
    return (set?.selections ?? []).map(measureSelection).reduce(add, nothing);
  }

  function measureSelection(selection: SelectionNode): Measures {
    const directives = selection.directives?.length ?? 0;
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      return add(measureFragment(context.getFragment(selection.name.value)), { ...nothing, directives });
    }
    const inner = measure(selection.selectionSet);
    if (selection.kind === Kind.INLINE_FRAGMENT) return add(inner, { ...nothing, directives });
    const name = selection.name.value;
    return {
      ...add(inner, {
        ...nothing,
        aliases: selection.alias ? 1 : 0,
        directives,
        fields: 1,
        logins: isLogin(selection) ? 1 : 0,
        exports: name === "exportMyData" ? 1 : 0,
      }),
      depth: name.startsWith("__") ? 0 : inner.depth + 1,
    };
  }

  /** Measures each fragment once; one that spreads itself counts as empty within, and another rule refuses it. */
  function measureFragment(fragment: FragmentDefinitionNode | null | undefined): Measures {
    if (!fragment) return nothing;
    const known = ofFragments.get(fragment);
    if (known) return known;
    ofFragments.set(fragment, nothing);
    const measures = measure(fragment.selectionSet);
    ofFragments.set(fragment, measures);
    return measures;
  }

  return {
    OperationDefinition(operation) {
      const directives = operation.directives?.length ?? 0;
      const measured = add(measure(operation.selectionSet), { ...nothing, directives });
      for (const name of names) {
        if (measured[name] > limits[name]) context.reportError(tooComplex(name));
      }
    },
  };
}

function add(a: Measures, b: Measures): Measures {
  const sums = Object.fromEntries(names.map((name) => [name, a[name] + b[name]]));
  return { ...nothing, ...sums, depth: Math.max(a.depth, b.depth) };
}

function tooComplex(name: Measure): GraphQLError {
  const originalError = new AppError("QUERY_TOO_COMPLEX", {
    text: {
      zh: `查询过于复杂：${labels[name].zh}不能超过 ${limits[name]}`,
      en: `The query is too complex: it may have at most ${limits[name]} ${labels[name].en}`,
    },
  });
  return new GraphQLError(originalError.message, { originalError });
}

/** A validation rule: an operation of a type that the schema doesn't have is no valid request. GraphQL itself finds it only when executing. */
export function operationTypes(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(node) {
      if (context.getSchema().getRootType(node.operation)) return;
      context.reportError(new GraphQLError(`There is no ${node.operation} in this API.`, { nodes: node }));
    },
  };
}

/**
 * A validation rule of requests by GET, whose address is logged wherever it passes: a field may have no `code`, be it written
 * out or a variable.
 */
export function noCodeInAddress(context: ValidationContext): ASTVisitor {
  return {
    Argument(node) {
      if (node.name.value !== "code") return;
      context.reportError(new GraphQLError("A code must be sent by POST: addresses are logged.", { nodes: node }));
    },
  };
}
