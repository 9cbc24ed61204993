import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const inPath = (name: string) => (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name));

/** Where Chromium is installed, if it is. `CHROMIUM` names one that isn't in the `PATH`. */
export const chromiumPath = [
  process.env["CHROMIUM"] ?? "",
  ...["chromium", "chromium-browser", "google-chrome"].flatMap(inPath),
].find((path) => path !== "" && existsSync(path));

/** A browser that asks nobody for anything, and shows pages of this machine to each other. */
export const chromiumArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-features=LocalNetworkAccessChecks",
];
