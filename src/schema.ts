import "reflect-metadata";
import { type GraphQLSchema, isObjectType, printSchema } from "graphql";
import { buildSchemaSync, getMetadataStorage, type NonEmptyArray } from "type-graphql";
import { AuthResolver } from "./auth/auth-resolver.js";
import { AvatarResolver } from "./avatar/avatar-resolver.js";
import type { BackEnd } from "./back-end.js";
import { PhoneResolver } from "./phone/phone-resolver.js";
import { PrivacyResolver } from "./privacy/privacy-resolver.js";
import { ProfileResolver } from "./profile/profile-resolver.js";

type Resolvers = NonEmptyArray<NewableFunction>;

const ours: Resolvers = [AuthResolver, ProfileResolver, PhoneResolver, AvatarResolver, PrivacyResolver];

/**
 * Builds the executable schema. Values are checked by the rules of each feature, and the schema itself by Apollo, not by TypeGraphQL.
 * @throws Error that names every field of an own back end that is there twice, or is one of ours
 */
export function createSchema({ resolvers: own }: Pick<BackEnd, "resolvers"> = {}): GraphQLSchema {
  if (!own) return build(ours);
  ourFields ??= fieldsOf(build(ours));
  const schema = build([...ours, ...own]);
  const repeated = repeatedIn(ownFields(own), ourFields);
  if (repeated.length > 0) throw new Error(`resolvers: there are two of ${repeated.join(", ")}`);
  return schema;
}

const build = (resolvers: Resolvers) => buildSchemaSync({ resolvers, validate: false, skipCheck: true });

/** Our fields, such as `Query.me`. What TypeGraphQL knows of our types, it forgets nothing of: they are listed before anybody adds to them. */
let ourFields: string[] | undefined;

function fieldsOf(schema: GraphQLSchema): string[] {
  const types = Object.values(schema.getTypeMap()).filter(isObjectType);
  return types.flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`));
}

/** The fields that these resolvers bring, one for each place in the code that does. */
function ownFields(own: Resolvers): string[] {
  const { queries, mutations, subscriptions, fieldResolvers, objectTypes } = getMetadataStorage();
  const nameOf = (type: unknown) => objectTypes.find(({ target }) => target === type)?.name;
  const places = new Map<string, string>();
  const add = (type: string | undefined, { target, methodName, schemaName }: Handler) => {
    const at = own.indexOf(target);
    if (at >= 0) places.set(`${at} ${methodName}`, `${type}.${schemaName}`);
  };
  for (const query of queries) add("Query", query);
  for (const mutation of mutations) add("Mutation", mutation);
  for (const subscription of subscriptions) add("Subscription", subscription);
  for (const field of fieldResolvers) add(nameOf(field.getObjectType?.()), field);
  return [...places.values()];
}

/** What TypeGraphQL knows of a method that resolves a field. */
interface Handler {
  target: NewableFunction;
  methodName: string;
  schemaName: string;
}

const repeatedIn = (own: string[], others: string[]) =>
  own.filter((field, at) => others.includes(field) || own.indexOf(field) < at);

/** The schema as it is committed in `schema.graphql`. */
export function printedSchema(): string {
  return `${printSchema(createSchema())}\n`;
}
