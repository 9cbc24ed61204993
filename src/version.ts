import { createRequire } from "node:module";

const manifest: { version: string } = createRequire(import.meta.url)("#package.json");

/** The version of wxpass that runs, such as `0.1.0`. */
export const { version } = manifest;
