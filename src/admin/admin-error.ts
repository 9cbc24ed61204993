/** A failure whose message tells the operator all there is to know. */
export class AdminError extends Error {
  override readonly name = "AdminError";
}
