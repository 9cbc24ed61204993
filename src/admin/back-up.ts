import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { recordAct } from "../audit/record-act.js";
import { copySqlite } from "../database/sqlite-copy.js";
import type { Text } from "../errors.js";
import { codeOf } from "../log.js";
import type { ActContext } from "./act-context.js";
import { createFile, refuseExisting } from "./new-file.js";

/**
 * Writes a copy of the SQLite database as of one moment, while others read and write it, and returns its size in bytes. It has
 * nothing of what was deleted. The file gets its name when it is whole and the audit log has its line, and only its owner can read it.
 * @throws AdminError if there is such a file already, or the draft of a backup that is being written or was killed
 */
export async function backUp(context: ActContext, file: string): Promise<number> {
  const draft = `${file}.draft`;
  const ignoreSignals = onEndingSignal(() => removeDraft(draft));
  try {
    refuseExisting(file);
    closeSync(createFile(draft, isBeingWritten(draft)));
    await copyByDraft(context, draft, file);
  } finally {
    ignoreSignals();
  }
  return statSync(file).size;
}

const isBeingWritten = (draft: string): Text => ({
  zh: `${draft} 已经存在：有备份正在进行，或者上次被强行结束。如果没有备份在进行，请删除它。`,
  en: `${draft} is there: a backup is being written, or was killed. If none is, remove it.`,
});

async function copyByDraft(context: ActContext, draft: string, file: string): Promise<void> {
  try {
    await copySqlite(context.em, draft);
    flush(draft, "r+");
    await setTimeout(signalDelayMs);
    await giveNameOnRecord(context, draft, file);
  } finally {
    removeDraft(draft);
  }
}

/** The name is the last thing in the transaction of the line; if the line can't be committed, it is taken back. */
async function giveNameOnRecord({ em, now, by }: ActContext, draft: string, file: string): Promise<void> {
  let isNamed = false;
  try {
    await em.fork().transactional(async (transaction) => {
      await recordAct(transaction, now(), { by, act: "backup", detail: file });
      giveName(draft, file);
      isNamed = true;
    });
  } catch (error) {
    if (isNamed) rmSync(file, { force: true });
    throw error;
  }
}

function removeDraft(draft: string): void {
  for (const name of [draft, journalOf(draft)]) rmSync(name, { force: true });
}

/** What SQLite writes beside a file, and leaves if it is killed. */
const journalOf = (file: string) => `${file}-journal`;

/** SQLite copies without letting the process hear of a signal; in this time it does. */
const signalDelayMs = 10;

/** Does something before a signal ends the process, until the returned function is called. */
function onEndingSignal(work: () => void): () => void {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const stop = (signal: NodeJS.Signals) => {
    work();
    release();
    process.kill(process.pid, signal);
  };
  const release = () => {
    for (const signal of signals) process.off(signal, stop);
  };
  for (const signal of signals) process.on(signal, stop);
  return release;
}

/** Gives the draft its name, which must be free. Where the file system has no links, it was free a moment ago. */
function giveName(draft: string, file: string): void {
  try {
    linkSync(draft, file);
  } catch (error) {
    refuseExisting(file);
    if (!["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"].includes(codeOf(error) ?? "")) throw error;
    renameSync(draft, file);
  }
  if (process.platform !== "win32") flush(dirname(file), "r");
}

/** Waits until a file, or the names in a folder, are on the disk. */
function flush(path: string, flags: "r" | "r+"): void {
  const descriptor = openSync(path, flags);
  fsyncSync(descriptor);
  closeSync(descriptor);
}
