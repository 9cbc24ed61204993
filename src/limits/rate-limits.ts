import { createHmac, type KeyObject } from "node:crypto";
import type { Logger } from "pino";
import { AppError } from "../errors.js";
import type { Counter, CreateCounter, RateLimit } from "./counter.js";

/** What rate limits count. */
export const limitedActions = ["login", "refresh", "bindPhone", "upload", "updateProfile", "account"] as const;

export type LimitedAction = (typeof limitedActions)[number];

/** How often one user may do something, and how often all who share a client address. */
export interface RateLimitPair {
  user: RateLimit;
  address: RateLimit;
}

/** Who does something, as far as that is known yet. */
export interface Actor {
  /** The user, or what stands for one: a WeChat identity that signs in, a session that is refreshed. */
  user?: string | undefined;
  /** The address that the request comes from: of IPv4, or 64 bits of IPv6 as `2001:db8:0:1/64`. */
  address?: string;
  /** The request's own. */
  log: Logger;
}

/** How often people may do what costs something: a call to WeChat, a decoded image, a write. */
export interface RateLimits<Action extends string = LimitedAction> {
  /**
   * Counts one attempt, however it ends. The user's own limit comes first, so that one user can't use up the limit of an
   * address that others share, and in the same way an address comes before the network that it is part of.
   * @throws AppError `RATE_LIMITED`, with the seconds until the next attempt counts afresh
   */
  consume(action: Action, actor: Actor): Promise<void>;
}

interface RateLimitsOptions<Action extends string> {
  /** Undefined lets everything through. */
  limits: Record<Action, RateLimitPair> | undefined;
  createCounter: CreateCounter;
  /** Turns addresses and users into the names under which they are counted. */
  key: KeyObject;
  /** Told of every refusal. */
  onLimited: (action: Action, by: keyof RateLimitPair) => void;
}

/**
 * Into how many numbers addresses fall. A flood of addresses can't take more memory or rows than that; that two
 * share a number now and then is forgiven by limits that are generous for an address anyway.
 */
const addressNumbers = 65_536;

/** How many times as much as one address a network of 48 bits may do: whoever has one has 65,536 networks of 64 bits. */
const networkFactor = 10;

/** The 48 bits of an IPv6 address; undefined for IPv4, where nobody gets more than single addresses so easily. */
const networkOf = (address: string) => (address.endsWith("/64") ? address.split(":", 3).join(":") : undefined);

/** Makes the rate limits of a server. */
export function createRateLimits<Action extends string>({
  limits,
  createCounter,
  key,
  onLimited,
}: RateLimitsOptions<Action>): RateLimits<Action> {
  if (!limits) return { consume: async () => {} };

  const countersOf = ({ user, address }: RateLimitPair): Counters => ({
    user: createCounter(user),
    address: createCounter(address),
    network: createCounter({ ...address, times: address.times * networkFactor }),
  });
  const counters = new Map<string, Counters>();
  for (const action in limits) counters.set(action, countersOf(limits[action]));

  const digest = (text: string) => createHmac("sha256", key).update(text).digest();
  const numberOf = (text: string) => String(digest(text).readUInt32BE() % addressNumbers);
  const names = {
    user: (user: string) => digest(user).toString("base64url", 0, 16),
    address: numberOf,
    network: numberOf,
  };

  async function count(action: Action, by: keyof Counters, who: string | undefined, log: Logger): Promise<void> {
    if (who === undefined) return;
    const counter = counters.get(action)?.[by];
    if (!counter) throw new TypeError(`there is no rate limit ${action}`);
    const wait = await counter(`${action} ${by} ${names[by](who)}`, log);
    if (wait === 0) return;
    onLimited(action, by === "user" ? "user" : "address");
    throw new AppError("RATE_LIMITED", { retryAfter: Math.ceil(wait / 1_000) });
  }

  return {
    async consume(action, { user, address, log }) {
      await count(action, "user", user, log);
      await count(action, "address", address, log);
      await count(action, "network", address && networkOf(address), log);
    },
  };
}

/** The counters of one action: of a user, of an address, and of the network around it. */
type Counters = Record<"user" | "address" | "network", Counter>;
