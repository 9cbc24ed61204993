import { createSecretKey, randomUUID } from "node:crypto";
import Database from "better-sqlite3";
import jwt from "jsonwebtoken";
import { exchangeCode } from "./exchange-code.mjs";
import { settings } from "./settings.mjs";

/*
 * People with as little between them and the database as there can be: statements prepared once, a secret imported once.
 */

const database = new Database(settings.database);
database.pragma("journal_mode = WAL");
database.exec(`create table users (
  id text primary key, openid text unique, nickname text, email text, birthday text, gender text, address text,
  signature text, createdAt integer, updatedAt integer)`);
const fields = "id, nickname, email, birthday, gender, address, signature, createdAt, updatedAt";
const byId = database.prepare(`select ${fields} from users where id = ?`);
const byOpenid = database.prepare(`select ${fields} from users where openid = ?`);
const insert = database.prepare(
  `insert into users (id, openid, createdAt, updatedAt) values (?, ?, ?, ?) returning ${fields}`,
);

const key = createSecretKey(Buffer.from(settings.secret));

/** What a request has at hand. */
export function createContext(authorization) {
  const token = authorization?.replace("Bearer ", "");
  return { userId: token && jwt.verify(token, key).sub };
}

/** The caller. */
export function findViewer({ userId }) {
  const row = userId && byId.get(userId);
  if (!row) throw new Error("not signed in");
  return toUser(row);
}

/** Signs in, and makes the user of somebody new. */
export async function signIn(_, code) {
  const openid = await exchangeCode(code);
  const known = byOpenid.get(openid);
  const row = known ?? insert.get(randomUUID(), openid, Date.now(), Date.now());
  return { token: jwt.sign({ sub: row.id }, key, { expiresIn: "2h" }), user: toUser(row), isNewUser: !known };
}

const toUser = (row) => ({ ...row, createdAt: new Date(row.createdAt), updatedAt: new Date(row.updatedAt) });
