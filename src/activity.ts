import type { Metrics } from "./metrics.js";

/** What this process has seen of late, for the operator's page. It is kept in memory, and nothing of it is about a person. */
export interface Activity {
  /** Sign-ins of the last 24 hours, by hour, the oldest first; hours begin where UTC's do. */
  signInsByHour(): { hour: Date; count: number }[];
  /** WeChat's refusals since the start, the latest first. */
  refusals(): Refusal[];
}

/** A kind of refusal of WeChat's. */
export interface Refusal {
  endpoint: string;
  errcode: number;
  count: number;
  lastAt: Date;
}

const hourMs = 3_600_000;
const hoursShown = 24;

/** Kinds of refusals that are kept; WeChat has fewer. */
const maxRefusals = 100;

/** Has an activity take in what the metrics are told. */
export function watch(metrics: Metrics, now: () => Date): { metrics: Metrics; activity: Activity } {
  const signIns = new Map<number, number>();
  const refusals = new Map<string, Refusal>();
  const hourNow = () => Math.floor(now().getTime() / hourMs);

  function countSignIn(): void {
    const hour = hourNow();
    signIns.set(hour, (signIns.get(hour) ?? 0) + 1);
    if (signIns.size > hoursShown) for (const old of signIns.keys()) if (old <= hour - hoursShown) signIns.delete(old);
  }

  function keepRefusal(endpoint: string, errcode: number): void {
    const key = `${endpoint} ${errcode}`;
    const count = (refusals.get(key)?.count ?? 0) + 1;
    refusals.delete(key);
    refusals.set(key, { endpoint, errcode, count, lastAt: now() });
    const [oldest] = refusals.keys();
    if (oldest !== undefined && refusals.size > maxRefusals) refusals.delete(oldest);
  }

  return {
    metrics: {
      ...metrics,
      login(isNewUser) {
        metrics.login(isNewUser);
        countSignIn();
      },
      wechatCall(call) {
        metrics.wechatCall(call);
        if (call.errcode) keepRefusal(call.endpoint, call.errcode);
      },
    },
    activity: {
      signInsByHour: () =>
        Array.from({ length: hoursShown }, (_, index) => {
          const hour = hourNow() - hoursShown + 1 + index;
          return { hour: new Date(hour * hourMs), count: signIns.get(hour) ?? 0 };
        }),
      refusals: () => [...refusals.values()].reverse(),
    },
  };
}
