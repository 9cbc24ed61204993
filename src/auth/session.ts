import { Entity, Index, ManyToOne, PrimaryKey, Property } from "@mikro-orm/decorators/legacy";
import type { Context } from "../context.js";
import { User } from "../user/user.js";

/** One signed-in device. Its tokens are good as long as its row is there. Never public, so it has no GraphQL type. */
@Entity({ tableName: "sessions" })
export class Session {
  @PrimaryKey({ type: "uuid" })
  id!: string;

  @ManyToOne(() => User, { deleteRule: "cascade", index: true })
  user!: User;

  /** The app that signed in. */
  @Property({ type: "text" })
  appId!: string;

  /** What the device seems to be. */
  @Property({ type: "text", nullable: true })
  device: string | null = null;

  /** How often the refresh token was replaced; only the token of this generation is good. */
  @Property({ type: "integer" })
  generation!: number;

  /** The key with which this generation's refresh token was made, so that it can be made again. */
  @Property({ type: "text" })
  keyId!: string;

  /** When it came to this key from another. */
  @Property({ type: "datetime", length: 3, nullable: true })
  keyChangedAt: Date | null = null;

  /** The key with which its access tokens are signed. */
  @Property({ type: "text" })
  accessKeyId!: string;

  /** When it came to this one from another; until `ACCESS_TOKEN_TTL` after that, access tokens of the other are about. */
  @Property({ type: "datetime", length: 3, nullable: true })
  accessKeyChangedAt: Date | null = null;

  @Property({ type: "datetime", length: 3 })
  createdAt!: Date;

  /** When it was opened or last refreshed. */
  @Property({ type: "datetime", length: 3 })
  lastUsedAt!: Date;

  @Index()
  @Property({ type: "datetime", length: 3 })
  expiresAt!: Date;

  /** Whoever sets it ends the session: a trigger deletes the row, and the webhook tells why. */
  @Property({ type: "text", nullable: true })
  endReason: EndReason | null = null;
}

/** Why a session ended, as webhooks tell it. */
export type EndReason = "logout" | "revoked" | "expired" | "replaced" | "disabled";

/** When a session ends that was opened then and is used now. */
export function expiryOf(createdAt: Date, now: Date, { idleSeconds, absoluteSeconds }: Context["sessionLife"]): Date {
  return new Date(Math.min(now.getTime() + idleSeconds * 1_000, createdAt.getTime() + absoluteSeconds * 1_000));
}
