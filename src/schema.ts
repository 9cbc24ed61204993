import "reflect-metadata";
import { type GraphQLSchema, printSchema } from "graphql";
import { buildSchemaSync } from "type-graphql";
import { AuthResolver } from "./auth/auth-resolver.js";
import { AvatarResolver } from "./avatar/avatar-resolver.js";
import type { BackEnd } from "./back-end.js";
import { PhoneResolver } from "./phone/phone-resolver.js";
import { PrivacyResolver } from "./privacy/privacy-resolver.js";
import { ProfileResolver } from "./profile/profile-resolver.js";

/** Builds the executable schema. Values are checked by the rules of each feature, and the schema itself by Apollo, not by TypeGraphQL. */
export function createSchema(own: Pick<BackEnd, "resolvers"> = {}): GraphQLSchema {
  const ours = [AuthResolver, ProfileResolver, PhoneResolver, AvatarResolver, PrivacyResolver] as const;
  const resolvers = [...ours, ...(own.resolvers ?? [])] as const;
  return buildSchemaSync({ resolvers, validate: false, skipCheck: true });
}

/** The schema as it is committed in `schema.graphql`. */
export function printedSchema(): string {
  return `${printSchema(createSchema())}\n`;
}
