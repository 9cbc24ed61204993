import { inlineSource } from "../security-headers.js";
import { operations } from "./operations.js";
import { barHeight, barStyle, graphiqlBar, type Page, strictPolicy } from "./page.js";
import { viewerScript } from "./viewer-script.js";

const style = `
  #root, #root .graphiql-container { height: calc(100vh - ${barHeight}); }
  .graphiql-logo { display: none; }
  ${barStyle}
`;

/** GraphiQL writes the document into the page's address. Reloading that would ask the API instead of showing the page. */
const script = `
  ${viewerScript}
  window.fetch = fetchAsViewer;
  history.replaceState = () => {};
`;

const options = {
  title: "wxpass · GraphiQL",
  favicon: "data:,",
  defaultQuery: operations,
  defaultEditorToolsVisibility: false,
};

/** GraphiQL: one page of nine megabytes with everything in it, which is only loaded when somebody opens it. */
export async function graphiqlPage(): Promise<Page> {
  const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
  const rendered = renderGraphiQL(options);
  const graphiqlScript = /<script>(.*)<\/script>/s.exec(rendered)?.[1] ?? "";
  const html = rendered
    .replace("</head>", (tag) => `<style>${style}</style><script>${script}</script>${tag}`)
    .replace(/<body[^>]*>/, (tag) => tag + graphiqlBar);
  return {
    html: Buffer.from(html),
    policy: {
      ...strictPolicy,
      scriptSrc: [script, graphiqlScript].map(inlineSource),
      styleSrc: ["'unsafe-inline'"],
      imgSrc: ["data:"],
      fontSrc: ["data:"],
      workerSrc: ["blob:"],
    },
  };
}
