import { raw as asIs } from "hono/html";

/** The style of all pages: on a phone the rows of a table become cards. It stands in the page, which loads nothing. */
export const styleText = `
:root { color-scheme: light dark; --line: light-dark(#d8dee4, #30363d); --soft: light-dark(#f6f8fa, #161b22);
  --text: light-dark(#1f2328, #e6edf3); --quiet: light-dark(#59636e, #9198a1); --accent: light-dark(#07783e, #3fcf7f);
  --bad: light-dark(#b3261e, #ff8a80); --ground: light-dark(#fff, #0d1117); }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
  color: var(--text); background: var(--ground); }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 20px; padding: 10px 20px;
  border-bottom: 1px solid var(--line); background: var(--soft); }
header nav { display: flex; gap: 16px; flex: 1; }
main { max-width: 1160px; margin: 0 auto; padding: 8px 20px 32px; }
footer { padding: 12px 20px; color: var(--quiet); font-size: 13px; text-align: center; }
h1 { font-size: 22px; margin: 12px 0; overflow-wrap: anywhere; } h2 { font-size: 16px; margin: 28px 0 8px; }
a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
.quiet, dt, th { color: var(--quiet); font-weight: 400; font-size: 13px; }
.bad { color: var(--bad); }
form { margin: 0; } summary { color: var(--quiet); font-size: 13px; cursor: pointer; } .row { display: flex; flex-wrap: wrap; gap: 8px 10px; align-items: end; margin: 8px 0; }
label { display: grid; gap: 2px; font-size: 13px; color: var(--quiet); } label.check { display: flex; gap: 6px; padding: 8px 0; }
input, select, button { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line);
  border-radius: 6px; padding: 6px 10px; min-height: 36px; max-width: 100%; }
input[type=search] { width: 280px; } input[type=checkbox] { min-height: 0; width: 16px; }
button { cursor: pointer; background: var(--soft); } button.main { background: light-dark(#07783e, #1b7f48); color: #fff; border: 0; }
button.danger { color: var(--bad); border-color: var(--bad); }
button.link { border: 0; padding: 0; min-height: 0; background: none; color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
table { border-collapse: collapse; width: 100%; } th { text-align: left; }
th, td { padding: 7px 10px 7px 0; border-bottom: 1px solid var(--line); vertical-align: middle; overflow-wrap: anywhere; }
.who { display: flex; align-items: center; gap: 10px; min-width: 0; }
.avatar { width: 36px; height: 36px; border-radius: 50%; object-fit: cover; background: var(--line); flex: none; display: inline-block; }
.avatar.large { width: 84px; height: 84px; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 10px 20px; margin: 8px 0; }
dd { margin: 0; overflow-wrap: anywhere; }
.notice { padding: 9px 14px; border-radius: 6px; border: 1px solid; } .notice.good { color: var(--accent); }
.acts { display: grid; grid-template-columns: repeat(auto-fit, minmax(280px, 1fr)); gap: 12px; }
.acts form { border: 1px solid var(--line); border-radius: 8px; padding: 10px 12px; display: grid; gap: 8px; align-content: space-between; }
code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; }
svg { width: 100%; max-width: 720px; height: auto; } svg rect { fill: var(--accent); } svg text { fill: var(--quiet); font-size: 10px; }
@media (max-width: 700px) {
  main, header { padding-left: 14px; padding-right: 14px; } .row label { width: calc(50% - 5px); } .row label:has([type=search]) { width: 100%; }
  .row label input, .row label select { width: 100%; min-width: 0; } .row label.check input { width: 16px; }
  table, tbody { display: block; } thead { display: none; }
  tr { display: grid; grid-template-columns: 1fr 1fr; gap: 2px 10px; padding: 10px 0; border-bottom: 1px solid var(--line); }
  td { display: block; padding: 0; border: 0; } td.wide { grid-column: 1 / -1; }
  td[data-name]::before { content: attr(data-name) " "; color: var(--quiet); font-size: 13px; }
}
`;

export const style = asIs(styleText);
