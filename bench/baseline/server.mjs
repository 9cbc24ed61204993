import { randomUUID } from "node:crypto";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { defineEntity, MikroORM, p } from "@mikro-orm/sqlite";
import jwt from "jsonwebtoken";
import { ofetch } from "ofetch";

/*
 * What one would put together from the same libraries as their introductions have it: Apollo's standalone server, the ORM's
 * findOne, a string secret. It has no sessions, so a sign-in of a known person writes nothing, and no limits.
 */

const { PORT, DATABASE, JWT_SECRET, WECHAT_API_URL } = process.env;

const User = defineEntity({
  name: "User",
  tableName: "users",
  properties: {
    id: p.uuid().primary(),
    openid: p.string().unique(),
    nickname: p.string().nullable(),
    email: p.string().nullable(),
    birthday: p.string().nullable(),
    gender: p.string().nullable(),
    address: p.string().nullable(),
    signature: p.string().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

const typeDefs = `#graphql
  type User {
    id: ID! nickname: String email: String birthday: String gender: String address: String signature: String
    createdAt: String! updatedAt: String!
  }
  type LoginPayload { token: String! user: User! isNewUser: Boolean! }
  type Query { me: User! }
  type Mutation { wxLogin(code: String!): LoginPayload! }
`;

const resolvers = {
  User: {
    createdAt: (user) => user.createdAt.toISOString(),
    updatedAt: (user) => user.updatedAt.toISOString(),
  },
  Query: {
    async me(_, __, { em, userId }) {
      const user = userId && (await em.findOne(User, { id: userId }));
      if (!user) throw new Error("not signed in");
      return user;
    },
  },
  Mutation: {
    async wxLogin(_, { code }, { em }) {
      const query = { appid: "wxbench", secret: "secret", js_code: code, grant_type: "authorization_code" };
      const { openid } = await ofetch("/sns/jscode2session", {
        baseURL: WECHAT_API_URL,
        query,
        parseResponse: JSON.parse,
      });
      let user = await em.findOne(User, { openid });
      const isNewUser = !user;
      if (!user) {
        user = em.create(User, { id: randomUUID(), openid, createdAt: new Date(), updatedAt: new Date() });
        await em.flush();
      }
      return { token: jwt.sign({ sub: user.id }, JWT_SECRET, { expiresIn: "2h" }), user, isNewUser };
    },
  },
};

const orm = await MikroORM.init({ dbName: DATABASE, entities: [User] });
await orm.schema.update();

const server = new ApolloServer({ typeDefs, resolvers });
await startStandaloneServer(server, {
  listen: { port: Number(PORT), host: "127.0.0.1" },
  async context({ req }) {
    const em = orm.em.fork();
    const token = req.headers.authorization?.replace("Bearer ", "");
    return { em, userId: token && jwt.verify(token, JWT_SECRET).sub };
  },
});
