export { cloudTransport } from "./cloud-transport";
export { createWxpass, type Session, type User, type Wxpass } from "./create-wxpass";
export type { Document } from "./document";
export { type ErrorCode, isWxpassError, type WxpassError } from "./errors";
export type { Gender, UpdateProfileInput } from "./generated/operations";
export type { Platform } from "./platform";
export type { WxpassOptions } from "./setup";
export type { Transport } from "./transport";
