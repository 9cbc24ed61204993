/** How a file is written. */
export type Format = "csv" | "jsonl";

/** The format that a file's name tells. */
export function formatOf(file: string): Format | undefined {
  const [, extension = ""] = /\.(\w+)$/.exec(file.toLowerCase()) ?? [];
  if (extension === "csv") return "csv";
  return ["jsonl", "ndjson"].includes(extension) ? "jsonl" : undefined;
}
