import { createHash } from "node:crypto";

/**
 * What is kept of an openid, in its place, when a disabled person's data are erased: enough to know it when it comes again,
 * nothing with which to find it out. For a unionid, which belongs to no app, the app is empty.
 */
export const sealOf = (appId: string, id: string): string =>
  `sha256:${createHash("sha256").update(`${appId} ${id}`).digest("base64url")}`;
