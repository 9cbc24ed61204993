import { settings } from "./settings.mjs";

/** How the rival keeps its people: with the ORM, or with prepared statements. */
export const { createContext, findViewer, signIn } = await import(`./${settings.people}-people.mjs`);

/** The part of wxpass's schema that is measured. */
export const typeDefs = `
  type User {
    id: ID! nickname: String email: String birthday: String gender: String address: String signature: String
    createdAt: String! updatedAt: String!
  }
  type LoginPayload { token: String! user: User! isNewUser: Boolean! }
  type Query { me: User! }
  type Mutation { wxLogin(code: String!): LoginPayload! }
`;

export const resolvers = {
  User: {
    createdAt: (user) => user.createdAt.toISOString(),
    updatedAt: (user) => user.updatedAt.toISOString(),
  },
  Query: { me: (_, __, context) => findViewer(context) },
  Mutation: { wxLogin: (_, { code }, context) => signIn(context, code) },
};
