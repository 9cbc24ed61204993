import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { bodyOf } from "./body.mjs";
import { findViewer, signIn } from "./prepared-people.mjs";
import { settings } from "./settings.mjs";

/*
 * What Node.js itself allows, without GraphQL: one HMAC, one prepared SELECT, one JSON.stringify.
 */

const key = createSecretKey(Buffer.from(settings.secret));

createServer((request, response) => {
  const { authorization } = request.headers;
  if (!authorization) return void wxLogin(request, response);
  request.resume().on("end", () => answer(response, { me: findViewer({ userId: subjectOf(authorization.slice(7)) }) }));
}).listen(settings.port, "127.0.0.1");

/** Whose token this is. */
function subjectOf(token) {
  const [header, payload, signature] = token.split(".");
  const expected = createHmac("sha256", key).update(`${header}.${payload}`).digest();
  if (!timingSafeEqual(expected, Buffer.from(signature, "base64url"))) throw new Error("not signed in");
  const { sub, exp } = JSON.parse(Buffer.from(payload, "base64url").toString());
  if (exp * 1_000 < Date.now()) throw new Error("not signed in");
  return sub;
}

async function wxLogin(request, response) {
  const { variables } = await bodyOf(request);
  answer(response, { wxLogin: await signIn({}, variables.code) });
}

function answer(response, data) {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ data }));
}
