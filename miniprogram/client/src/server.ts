import { againIf } from "./again";
import { headerOf, readAnswer } from "./answer";
import { type Document, isQuery } from "./document";
import type { Language, WxpassError } from "./errors";
import { assign, isObject, isString, type JsonObject } from "./json";
import { type Fail, throwPlatformError } from "./own-errors";
import { callPlatform, type PlatformResponse } from "./platform";
import type { Setup } from "./setup";

/** What an operation gave, and the server's time, or NaN. */
export interface Reply<Result> {
  data: Result;
  serverTimeMs: number;
}

/** The server, with every failure as a {@link WxpassError}. */
export interface Server {
  /** Sends an operation. */
  send<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    token?: string,
    timeoutMs?: number,
  ): Promise<Reply<Result>>;
  /** Uploads an image and gives its address. */
  upload(filePath: string, token: string): Promise<string>;
}

/** How long an upload may take: as long as WeChat itself waits, since a phone may send slowly. */
const uploadTimeoutMs = 60_000;

/** Makes the server as a client sees it. */
export const createServer = ({ url, transport, use, timeoutMs, language, fail }: Setup): Server => ({
  send<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    token?: string,
    limitMs = timeoutMs,
  ) {
    const query = String(document);
    const header = assign(headers(language, token), { "Content-Type": "application/json" });
    // A kept connection that has died, as when the phone changes networks, shall cost a query no more than this.
    const isWorthIt = (error: WxpassError) => isLostQuery(error, query) && !(isObject(variables) && variables["code"]);
    return againIf(isWorthIt, () =>
      received(fail, () => transport.send({ path: "/graphql", header, body: { query, variables }, timeout: limitMs })),
    ).then((response) => ({
      data: readAnswer(response, ({ data }) => (isResult<Result>(data, query) ? data : undefined), fail),
      serverTimeMs: Date.parse(headerOf(response, "date")),
    }));
  },

  upload: (filePath, token) =>
    received(fail, () =>
      callPlatform(uploadTimeoutMs, use("uploadFile"), {
        url: `${url}/avatar`,
        filePath,
        name: "file",
        header: headers(language, token),
      }),
    ).then((response) => readAnswer(response, addressIn, fail)),
});

/** Whether nothing came back to a query, which may be sent again. */
export const isLostQuery = ({ code }: WxpassError, query: string): boolean =>
  code === "NETWORK_ERROR" && isQuery(query);

function headers(language: Language | undefined, token?: string): Record<string, string> {
  const header: Record<string, string> = {};
  if (language) header["Accept-Language"] = language;
  if (token) header["Authorization"] = `Bearer ${token}`;
  return header;
}

/** A response, or an error whatever happens. */
const received = (fail: Fail, start: () => Promise<PlatformResponse>): Promise<PlatformResponse> =>
  Promise.resolve()
    .then(start)
    .then((response) => (isObject(response) ? response : Promise.reject("no response")))
    .catch(throwPlatformError(fail));

/**
 * Whether data answer an operation: the server has checked it against the schema from which the type was made. Gateways too like to
 * answer with `data`, but of something else.
 */
const isResult = <Result>(data: unknown, query: string): data is Result =>
  isObject(data) && Object.keys(data).some((name) => query.indexOf(name) >= 0);

const addressIn = ({ avatarUrl }: JsonObject) => (isString(avatarUrl) ? avatarUrl : undefined);
