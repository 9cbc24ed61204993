import { meBody, signInBody } from "../people.ts";
import type { Workload } from "./measure-load.ts";

export const meWorkload: Workload = {
  script: "cycle",
  line: ({ token }) => `Bearer ${token}\t${meBody}`,
};

export const signInWorkload: Workload = {
  script: "cycle",
  line: ({ code }) => `-\t${signInBody(code)}`,
};

export const refreshWorkload: Workload = {
  script: "chain",
  line: ({ refreshToken }) => String(refreshToken),
};
