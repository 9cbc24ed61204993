import { createHmac, type KeyObject } from "node:crypto";
import type { Logger } from "pino";
import { AppError } from "../errors.js";
import type { Counter, CreateCounter, RateLimit } from "./counter.js";

/** What rate limits count. */
export type LimitedAction = "login" | "refresh" | "bindPhone" | "upload" | "updateProfile";

/** How often one user may do something, and how often all who share a client address. */
export interface RateLimitPair {
  user: RateLimit;
  address: RateLimit;
}

/** Who does something, as far as that is known yet. */
export interface Actor {
  /** The user, or what stands for one: a WeChat identity that signs in, a session that is refreshed. */
  user?: string | undefined;
  /** The address that the request comes from. */
  address?: string;
  /** The request's own. */
  log: Logger;
}

/** How often people may do what costs something: a call to WeChat, a decoded image, a write. */
export interface RateLimits {
  /**
   * Counts one attempt, however it ends. The user's own limit comes first, so that one user can't use up the limit of an
   * address that others share.
   * @throws AppError `RATE_LIMITED`, with the seconds until the next attempt counts afresh
   */
  consume(action: LimitedAction, actor: Actor): Promise<void>;
}

interface RateLimitsOptions {
  /** Undefined lets everything through. */
  limits: Record<LimitedAction, RateLimitPair> | undefined;
  createCounter: CreateCounter;
  /** Turns addresses and users into the names under which they are counted. */
  key: KeyObject;
  /** Told of every refusal. */
  onLimited: (action: LimitedAction, by: keyof RateLimitPair) => void;
}

/**
 * Into how many numbers addresses fall. A flood of addresses can't take more memory or rows than that; that two
 * share a number now and then is forgiven by limits that are generous for an address anyway.
 */
const addressNumbers = 65_536;

/** Makes the rate limits of a server. */
export function createRateLimits({ limits, createCounter, key, onLimited }: RateLimitsOptions): RateLimits {
  if (!limits) return { consume: async () => {} };

  const countersOf = ({ user, address }: RateLimitPair) => ({
    user: createCounter(user),
    address: createCounter(address),
  });
  const counters: Record<LimitedAction, Record<keyof RateLimitPair, Counter>> = {
    login: countersOf(limits.login),
    refresh: countersOf(limits.refresh),
    bindPhone: countersOf(limits.bindPhone),
    upload: countersOf(limits.upload),
    updateProfile: countersOf(limits.updateProfile),
  };

  const digest = (text: string) => createHmac("sha256", key).update(text).digest();
  const names = {
    user: (user: string) => digest(user).toString("base64url", 0, 16),
    address: (address: string) => String(digest(address).readUInt32BE() % addressNumbers),
  };

  async function count(action: LimitedAction, by: keyof RateLimitPair, who: string, log: Logger): Promise<void> {
    const wait = await counters[action][by](`${action} ${by} ${names[by](who)}`, log);
    if (wait === 0) return;
    onLimited(action, by);
    throw new AppError("RATE_LIMITED", { retryAfter: Math.ceil(wait / 1_000) });
  }

  return {
    async consume(action, { user, address, log }) {
      if (user !== undefined) await count(action, "user", user, log);
      if (address !== undefined) await count(action, "address", address, log);
    },
  };
}
