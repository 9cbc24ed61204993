import { existsSync, globSync, readFileSync } from "node:fs";

/** Whether processes can be looked at here, as on Linux. */
export const canSeeProcesses = existsSync("/proc/self/stat");

/** What Linux tells about a process; nothing if there is none. */
export function readProcess(pid: number, file: "cmdline" | "environ" | "stat"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

/** The state and the parent of a process. One that has ended stays as a Z until its parent has taken notice. */
function stateOf(pid: number): { state: string; parent: number } {
  const [state = "Z", parent] = readProcess(pid, "stat").split(") ").at(-1)?.split(" ") ?? [];
  return { state: state || "Z", parent: Number(parent) };
}

/** Whether a process still runs. */
export const isAlive = (pid: number) => stateOf(pid).state !== "Z";

/** The ids of the processes that decode images for a server. */
export function imageWorkersOf(serverPid: number | undefined): number[] {
  return globSync("/proc/[0-9]*")
    .map((folder) => Number(folder.split("/").at(-1)))
    .filter((pid) => stateOf(pid).parent === serverPid && readProcess(pid, "cmdline").includes("image-worker"))
    .sort((a, b) => a - b);
}
