import type { Text } from "../errors.js";

/** A failure whose words tell the operator all there is to know. */
export class AdminError extends Error {
  override readonly name = "AdminError";

  constructor(readonly text: Text) {
    super(text.en);
  }
}
