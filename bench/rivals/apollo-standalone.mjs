import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { createContext, resolvers, typeDefs } from "./schema.mjs";
import { settings } from "./settings.mjs";

await startStandaloneServer(new ApolloServer({ typeDefs, resolvers }), {
  listen: { port: settings.port, host: "127.0.0.1" },
  context: async ({ req }) => createContext(req.headers.authorization),
});
