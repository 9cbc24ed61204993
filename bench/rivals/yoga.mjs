import { createServer } from "node:http";
import { createSchema, createYoga } from "graphql-yoga";
import { createContext, resolvers, typeDefs } from "./schema.mjs";
import { settings } from "./settings.mjs";

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  graphqlEndpoint: "/",
  logging: false,
  context: ({ request }) => createContext(request.headers.get("authorization") ?? undefined),
});
createServer(yoga).listen(settings.port, "127.0.0.1");
