import fastify from "fastify";
import mercurius from "mercurius";
import { createContext, resolvers, typeDefs } from "./schema.mjs";
import { settings } from "./settings.mjs";

const app = fastify();
await app.register(mercurius, {
  schema: typeDefs,
  resolvers,
  path: "/",
  /** After the first time that a query comes, graphql-jit compiles it. */
  jit: 1,
  context: async (request) => createContext(request.headers.authorization),
});
await app.listen({ port: settings.port, host: "127.0.0.1" });
