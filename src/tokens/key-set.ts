import type { JsonWebKey } from "node:crypto";
import type { JwtKeys } from "./access-keys.js";
import { publicJwkOf } from "./signing-keys.js";

/** The key set that is published: public halves only. https://www.rfc-editor.org/rfc/rfc7517#section-5 */
export function keySetOf({ keys }: JwtKeys): { keys: JsonWebKey[] } {
  return {
    keys: keys.map(({ id, algorithm, publicKey }) => ({
      ...publicJwkOf({ publicKey }),
      kid: id,
      use: "sig",
      alg: algorithm,
    })),
  };
}
