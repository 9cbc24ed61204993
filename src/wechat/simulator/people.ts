import { createHash } from "node:crypto";

/** A person of the simulator is just a name; everything else follows from it, so it survives a restart. */
const digest = (...parts: string[]) => createHash("sha256").update(parts.join("\n")).digest();

/** A plain name, which can stand where a login code is expected. */
export const isName = (text: string) => /^[\p{L}][\p{L}\p{N}_-]{0,27}$/u.test(text);

/** The person's id in one app: 28 characters that begin with an o, like WeChat's. */
export const openidOf = (appId: string, person: string) =>
  `o${digest("openid", appId, person).toString("base64url").slice(0, 27)}`;

/** The person's id in all apps: the simulated apps belong to one Open Platform account. */
export const unionidOf = (person: string) => `o${digest("unionid", person).toString("base64url").slice(0, 27)}`;

/** A mobile number of the range 199 0000 0000, made up from the name. */
export const phoneOf = (person: string) =>
  `199${String(digest("phone", person).readUInt32BE() % 100_000_000).padStart(8, "0")}`;
