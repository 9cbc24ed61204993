import type { Policy } from "../security-headers.js";

/** A page of the explorer, and what its Content-Security-Policy allows. */
export interface Page {
  html: Buffer;
  policy: Policy;
}

/** What every page starts from: it may talk to this server and be framed by it. */
export const strictPolicy = {
  defaultSrc: ["'none'"],
  connectSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'self'"],
};

/** The bar on top of a page, with the way to the other explorer. */
export const sandboxBar = bar("Apollo Sandbox", "graphiql", "GraphiQL（离线可用 · works offline）");
export const graphiqlBar = bar("GraphiQL", "sandbox", "Apollo Sandbox（需要联网 · needs the internet）");

function bar(shown: string, other: string, label: string): string {
  return `<nav id="bar"><b>wxpass</b> ${shown} <span id="notice"></span><a href="?explorer=${other}" target="_top">${label}</a></nav>`;
}

export const barHeight = "28px";

export const barStyle = `
  #bar { box-sizing: border-box; height: ${barHeight}; padding: 0 14px; display: flex; align-items: center; gap: 14px;
    font: 12px system-ui, sans-serif; white-space: nowrap; overflow: hidden; color: #57606a; background: #f6f8fa;
    border-bottom: 1px solid #d0d7de; }
  #bar #notice { overflow: hidden; text-overflow: ellipsis; }
  @media (prefers-color-scheme: dark) { #bar { color: #9198a1; background: #161b22; border-color: #30363d; } }
  #bar a { margin-left: auto; color: inherit; overflow: hidden; text-overflow: ellipsis; }
`;
