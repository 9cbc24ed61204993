import { Identity, Unionid } from "./auth/identity.js";
import { Session } from "./auth/session.js";
import { AvatarCheck } from "./avatar/avatar-check.js";
import { HandledPush, UsedPushAddress } from "./privacy/handled-push.js";
import { User } from "./user/user.js";

/** The tables. */
export const entities = [User, Identity, Unionid, Session, AvatarCheck, HandledPush, UsedPushAddress];
