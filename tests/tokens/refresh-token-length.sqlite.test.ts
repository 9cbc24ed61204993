import { expect, test, vi } from "vitest";
import { createKeyRing } from "../../src/tokens/keys.js";
import { createRefreshTokens } from "../../src/tokens/refresh-tokens.js";
import { jwtSecret } from "../support/test-app.js";

const tokens = createRefreshTokens(createKeyRing([jwtSecret]));
const session = { id: "01890a5d-ac96-774b-bcce-b302099a8057", generation: 7, keyId: tokens.keyId };

test("a refresh token is decoded only if it is as long as one", () => {
  const token = tokens.issue(session);
  const decode = vi.spyOn(Buffer, "from");
  expect(tokens.verify(token)).toEqual({ sessionId: session.id, generation: 7, keyId: tokens.keyId });
  expect(decode).toHaveBeenCalled();
  decode.mockClear();
  for (const other of ["", token.slice(1), `${token}A`, token.repeat(10_000)])
    expect(tokens.verify(other)).toBeUndefined();
  expect(decode).not.toHaveBeenCalled();
  decode.mockRestore();
});
