/** A table of Markdown that can also be read as it stands. The first column is text, the others are figures. */
export function renderTable(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((name, at) => Math.max(...[name, ...rows.map((row) => row[at] ?? "")].map(widthOf)));
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, at) => pad(cells[at] ?? "", width, at > 0)).join(" | ")} |`;
  const rule = `|${widths.map((width, at) => (at > 0 ? `${"-".repeat(width + 1)}:` : "-".repeat(width + 2))).join("|")}|`;
  return [`\n${title}\n`, line(columns), rule, ...rows.map(line), ""].join("\n");
}

const widthOf = (text: string) => [...text].length;

const pad = (text: string, width: number, isFigure: boolean) => {
  const space = " ".repeat(width - widthOf(text));
  return isFigure ? space + text : text + space;
};
