import { parseXml, XmlElement } from "@rgrove/parse-xml";

/** The fields of a message, with names in small letters. */
export type PushFields = Record<string, unknown>;

/**
 * Reads a message in either of WeChat's formats, JSON and XML; undefined if it is neither. WeChat puts people's text into
 * both with raw control characters, which both forbid. In its own examples a name is spelled as `OpenID`, ` OpenID` and `openid`.
 */
export function readFields(text: string): PushFields | undefined {
  const clean = text.replace(/[\p{Cc}\uFFFE\uFFFF]/gu, " ").trim();
  try {
    const fields = clean.startsWith("<") ? contentOf(parseXml(clean).root) : withPlainNames(JSON.parse(clean));
    return isFields(fields) ? fields : undefined;
  } catch {
    return undefined;
  }
}

const isFields = (value: unknown): value is PushFields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const plainName = (name: string) => name.trim().toLowerCase();

function withPlainNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPlainNames);
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [plainName(name), withPlainNames(inner)]));
}

/** What an element holds: its elements by name, or else its text, whatever that looks like. */
function contentOf(element: XmlElement | null): unknown {
  const inner = element?.children.filter((child) => child instanceof XmlElement) ?? [];
  if (inner.length === 0) return element?.text;
  return Object.fromEntries(inner.map((child) => [plainName(child.name), contentOf(child)]));
}
