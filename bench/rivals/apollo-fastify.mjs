import { ApolloServer } from "@apollo/server";
import fastifyApollo, { fastifyApolloDrainPlugin } from "@as-integrations/fastify";
import fastify from "fastify";
import { createContext, resolvers, typeDefs } from "./schema.mjs";
import { settings } from "./settings.mjs";

const app = fastify();
const apollo = new ApolloServer({ typeDefs, resolvers, plugins: [fastifyApolloDrainPlugin(app)] });
await apollo.start();
await app.register(fastifyApollo(apollo), {
  path: "/",
  context: async (request) => createContext(request.headers.authorization),
});
await app.listen({ port: settings.port, host: "127.0.0.1" });
