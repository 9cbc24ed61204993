import { randomUUID } from "node:crypto";
import { defineEntity, MikroORM, p } from "@mikro-orm/sqlite";
import jwt from "jsonwebtoken";
import { exchangeCode } from "./exchange-code.mjs";
import { settings } from "./settings.mjs";

/*
 * People as the introductions of these libraries have them: the ORM's findOne, a string secret. There are no sessions, so
 * a sign-in of a known person writes nothing.
 */

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

const orm = await MikroORM.init({ dbName: settings.database, entities: [User] });
await orm.schema.update();

/** What a request has at hand. */
export function createContext(authorization) {
  const token = authorization?.replace("Bearer ", "");
  return { em: orm.em.fork(), userId: token && jwt.verify(token, settings.secret).sub };
}

/** The caller. */
export async function findViewer({ em, userId }) {
  const user = userId && (await em.findOne(User, { id: userId }));
  if (!user) throw new Error("not signed in");
  return user;
}

/** Signs in, and makes the user of somebody new. */
export async function signIn({ em }, code) {
  const openid = await exchangeCode(code);
  const known = await em.findOne(User, { openid });
  const user = known ?? em.create(User, { id: randomUUID(), openid, createdAt: new Date(), updatedAt: new Date() });
  if (!known) await em.flush();
  return { token: jwt.sign({ sub: user.id }, settings.secret, { expiresIn: "2h" }), user, isNewUser: !known };
}
