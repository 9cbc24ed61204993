import type { SqlEntityManager } from "@mikro-orm/sql";
import { switchOutbox } from "../database/outbox.js";
import { type Row, statement, timeOf } from "../database/statement.js";

/** An event that nobody else tries for now. */
export interface ClaimedEvent {
  seq: string;
  id: string;
  type: string;
  userId: string;
  /** What there is to tell beside the user's id. */
  data: object;
  occurredAt: Date;
  /** How often it was tried, this time included. */
  tries: number;
}

/** For which a claim holds: longer than a try takes. If the process is killed, the event is tried again after that. */
const claimMs = 60_000;

/**
 * The first event of each user alone, so that a later one waits for it. Of two who claim at once, the second waits for the first
 * and looks at the row again, which is no longer due.
 */
const claim = statement(`
  update outbox set due_at = ?, tries = tries + 1, last_answer = null
  where state = 'pending' and due_at <= ? and seq in (
    select seq from outbox as first_one
    where state = 'pending' and due_at <= ?
      and exists (select 1 from outbox_switch where is_on = 1)
      and not exists (
        select 1 from outbox as earlier
        where earlier.state = 'pending' and earlier.user_id = first_one.user_id and earlier.seq < first_one.seq
      )
    order by due_at, seq limit ?
  )
  returning seq, id, type, user_id, data, occurred_at, tries`);

/** Takes events that are due, so many at most. */
export async function claimEvents(em: SqlEntityManager, now: Date, count: number): Promise<ClaimedEvent[]> {
  const until = new Date(now.getTime() + claimMs);
  return (await claim.rows(em, [until, now, now, count])).map(eventOf);
}

function eventOf(row: Row): ClaimedEvent {
  return {
    seq: String(row["seq"]),
    id: String(row["id"]),
    type: String(row["type"]),
    userId: String(row["user_id"]),
    data: Object(JSON.parse(String(row["data"]))),
    occurredAt: timeOf(row["occurred_at"]),
    tries: Number(row["tries"]),
  };
}

const settle = statement("update outbox set state = ?, last_answer = ? where seq = ? and state = 'pending'");

/** Notes that an event was delivered, or given up. */
export const settleEvent = (
  em: SqlEntityManager,
  { seq }: ClaimedEvent,
  state: "delivered" | "failed",
  answer: string,
): Promise<number> => settle.run(em, [state, answer, seq]);

/** Nothing if the claim has lapsed, and somebody else has tried since. */
const putOff = statement(`
  update outbox set due_at = ?, last_answer = ? where seq = ? and state = 'pending' and tries = ?`);

/** Notes that an event is to be tried again, and when. */
export const putOffEvent = (
  em: SqlEntityManager,
  { seq, tries }: ClaimedEvent,
  dueAt: Date,
  answer: string,
): Promise<number> => putOff.run(em, [dueAt, answer, seq, tries]);

const giveUpAll = statement("update outbox set state = 'failed', last_answer = ? where state = 'pending'");

/** Ends all telling, in every process, until a server starts anew: nothing is written any more, and nothing is pending. */
export async function endDeliveries(em: SqlEntityManager, answer: string): Promise<void> {
  await em.fork().transactional(async (transaction) => {
    await switchOutbox(transaction, false);
    await giveUpAll.run(transaction, [answer]);
  });
}
