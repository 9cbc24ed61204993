import { userInfo } from "node:os";
import type { Actor } from "../../audit/record-act.js";
import type { Terminal } from "./terminal.js";

/** Who runs the command: who called sudo, else the system's user of the process. */
export const actorAt = (env: Terminal["env"]): Actor => ({
  name: env["SUDO_USER"] || systemUser(),
  origin: "command",
});

/** A container may run as a number that the system has no name for. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}
