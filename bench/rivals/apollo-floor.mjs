import { createServer } from "node:http";
import { ApolloServer, HeaderMap } from "@apollo/server";
import { bodyOf } from "./body.mjs";
import { createContext, resolvers, typeDefs } from "./schema.mjs";
import { settings } from "./settings.mjs";

/*
 * Apollo's pipeline with nothing around it: what any server that executes operations with Apollo can reach.
 */

const apollo = new ApolloServer({ typeDefs, resolvers });
await apollo.start();

createServer(async (request, response) => {
  const { status, headers, body } = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: request.method,
      headers: toMap(request.headers),
      search: "",
      body: await bodyOf(request),
    },
    context: async () => createContext(request.headers.authorization),
  });
  response.writeHead(status ?? 200, Object.fromEntries(headers)).end(body.string);
}).listen(settings.port, "127.0.0.1");

function toMap(headers) {
  const map = new HeaderMap();
  for (const name in headers) map.set(name, headers[name]);
  return map;
}
