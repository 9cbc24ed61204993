import { inlineSource } from "../security-headers.js";
import { operations, variables } from "./operations.js";
import { barStyle, type Page, sandboxBar, strictPolicy } from "./page.js";
import { viewerScript } from "./viewer-script.js";

const embedScript = "https://embeddable-sandbox.cdn.apollographql.com/_latest/embeddable-sandbox.umd.production.min.js";

/** Where the frame with Sandbox comes from; its first message says that it works. */
const frameOrigin = "https://sandbox.embed.apollographql.com";

/** After which GraphiQL starts to load unseen, so that it is ready if Sandbox fails. */
const graphiqlDelayMs = 300;

/** In which Sandbox must have said something, so that there is an explorer within three seconds. */
const sandboxTimeoutMs = 2_200;

const style = `
  body { margin: 0; height: 100vh; display: flex; flex-direction: column; }
  #sandbox { flex: 1; display: flex; }
  #sandbox iframe { flex: 1; border: 0; }
  #graphiql { position: fixed; inset: 0; width: 100%; height: 100%; border: 0; visibility: hidden; }
  .without-sandbox #graphiql { visibility: visible; }
  ${barStyle}
`;

const script = `
  ${viewerScript}
  const notice = document.querySelector("#notice");
  const graphiql = document.querySelector("#graphiql");
  const isChosen = new URLSearchParams(location.search).get("explorer") === "sandbox";

  function loadGraphiql() {
    if (!isChosen && !graphiql.src) graphiql.src = "?explorer=graphiql";
  }

  function giveUp() {
    loadGraphiql();
    if (isChosen) notice.textContent = "Apollo Sandbox 还没有加载出来 · Apollo Sandbox hasn't loaded yet";
    else document.body.classList.add("without-sandbox");
  }

  const timers = [setTimeout(loadGraphiql, ${graphiqlDelayMs}), setTimeout(giveUp, ${sandboxTimeoutMs})];

  addEventListener("message", ({ origin }) => {
    if (origin !== "${frameOrigin}") return;
    timers.forEach(clearTimeout);
    notice.textContent = "";
    if (!document.body.classList.contains("without-sandbox")) graphiql.remove();
  });

  const embed = document.createElement("script");
  embed.async = true;
  embed.src = "${embedScript}";
  embed.onerror = giveUp;
  embed.onload = () =>
    new window.EmbeddedSandbox({
      target: "#sandbox",
      initialEndpoint: api,
      initialState: ${JSON.stringify({ document: operations, variables, includeCookies: false })},
      handleRequest: fetchAsViewer,
      runTelemetry: false,
      allowDynamicStyles: false,
    });
  document.head.append(embed);
`;

const html = `<!doctype html>
<html lang="zh">
  <head>
    <meta charset="utf-8">
    <title>wxpass · GraphQL</title>
    <link rel="icon" href="data:,">
    <style>${style}</style>
  </head>
  <body>
    ${sandboxBar}
    <div id="sandbox"></div>
    <iframe id="graphiql" title="GraphiQL"></iframe>
    <script>${script}</script>
  </body>
</html>
`;

/**
 * Apollo Sandbox, in a frame from Apollo's server. Where that can't be reached GraphiQL covers it, unless Sandbox was asked for by name.
 */
export const sandboxPage: Page = {
  html: Buffer.from(html),
  policy: {
    ...strictPolicy,
    scriptSrc: [inlineSource(script), embedScript],
    styleSrc: [inlineSource(style)],
    imgSrc: ["data:"],
    frameSrc: ["'self'", frameOrigin],
  },
};
