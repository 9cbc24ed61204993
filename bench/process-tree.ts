import { readdirSync, readFileSync } from "node:fs";

/** What a process has used so far, with its children. Linux alone tells; elsewhere it is not a number. */
export interface Usage {
  cpuMs: number;
  memoryMb: number;
}

/** Of the clock in /proc, on every Linux. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const ticksPerSecond = 100;

interface Entry {
  pid: number;
  parent: number;
  ticks: number;
}

/** What a process and all below it have used. */
export function usageOf(pid: number): Usage {
  const family = familyOf(pid);
  if (family.length === 0) return { cpuMs: Number.NaN, memoryMb: Number.NaN };
  return {
    cpuMs: (sum(family.map(({ ticks }) => ticks)) * 1_000) / ticksPerSecond,
    memoryMb: sum(family.map(residentMb)),
  };
}

function familyOf(pid: number): Entry[] {
  const all = readEntries();
  const family = all.filter((entry) => entry.pid === pid);
  for (const { pid: parent } of family) family.push(...all.filter((entry) => entry.parent === parent));
  return family;
}

function readEntries(): Entry[] {
  try {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    return pids.flatMap((pid) => readEntry(Number(pid)) ?? []);
  } catch {
    return [];
  }
}

/** The fields after the command's name, which may hold anything: state, parent, … user, system, and both of ended children. */
function readEntry(pid: number): Entry | undefined {
  const text = readIfThere(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { pid, parent: Number(fields[1]), ticks: sum(fields.slice(11, 15).map(Number)) };
}

function residentMb({ pid }: Entry): number {
  const status = readIfThere(`/proc/${pid}/status`) ?? "";
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024;
}

/** A process may end between two looks. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
