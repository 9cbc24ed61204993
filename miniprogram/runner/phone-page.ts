import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const phoneFolder = fileURLToPath(new URL("./phone/", import.meta.url));

let bundled: Promise<string> | undefined;

/** The script of the phone, which any program needs; bundled once for a process. */
export function phoneScript(): Promise<string> {
  bundled ??= bundlePhone();
  return bundled;
}

/** The styles of what WeChat itself shows, and of its components. */
export const phoneStyles = () =>
  ["phone.css", "components/components.css"].map((file) => readFileSync(phoneFolder + file, "utf8")).join("\n");

/** The page that is the phone, but for its scripts. */
export const phonePage = (scripts = "") => `<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><link rel="icon" href="data:,"><meta name="viewport" content="width=device-width, initial-scale=1"><title>小程序</title><style>${phoneStyles()}</style></head>
<body>${scripts}</body>
</html>`;

async function bundlePhone(): Promise<string> {
  const bundle = await rolldown({
    input: `${phoneFolder}phone.ts`,
    platform: "browser",
    tsconfig: false,
    transform: { define: { "process.env.NODE_ENV": '"development"' } },
    logLevel: "silent",
  });
  try {
    const { output } = await bundle.generate({ format: "iife", name: "wechatPhone", codeSplitting: false });
    return output[0].code;
  } finally {
    await bundle.close();
  }
}
