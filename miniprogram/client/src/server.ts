import { onceMoreIf } from "./again";
import { headerOf, readAnswer } from "./answer";
import { type Document, isQuery } from "./document";
import type { WxpassError } from "./errors";
import { assign, isObject, type JsonObject } from "./json";
import { platformError } from "./own-errors";
import { callPlatform, type PlatformResponse } from "./platform";
import type { Setup } from "./setup";

/** What an operation gave, and the server's time in milliseconds, or NaN. */
export interface Reply<Result> {
  data: Result;
  serverTime: number;
}

/** The server, with every failure as a {@link WxpassError}. */
export interface Server {
  /** Sends an operation. */
  send<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    token?: string,
    timeout?: number,
  ): Promise<Reply<Result>>;
  /** Uploads an image and gives its address. */
  upload(filePath: string, token: string): Promise<string>;
}

/** Milliseconds that an upload may take: as long as WeChat itself waits, since a phone may send slowly. */
const uploadTimeout = 60_000;

/** Makes the server as a client sees it. */
export function createServer({ url, transport, use, timeout, language, fail }: Setup): Server {
  function headers(token?: string): Record<string, string> {
    const header: Record<string, string> = {};
    if (language) header["Accept-Language"] = language;
    if (token) header["Authorization"] = `Bearer ${token}`;
    return header;
  }

  /** A response, or an error whatever happens. */
  const received = (start: () => Promise<PlatformResponse>): Promise<PlatformResponse> =>
    Promise.resolve()
      .then(start)
      .then((response) => (isObject(response) ? response : Promise.reject("no response")))
      .catch((reason) => {
        throw platformError(reason, fail);
      });

  return {
    send<Result, Variables>(
      document: Document<Result, Variables>,
      variables: Variables,
      token?: string,
      limit = timeout,
    ) {
      const query = String(document);
      const header = assign(headers(token), { "Content-Type": "application/json" });
      // A kept connection that has died, as when the phone changes networks, shall cost a query no more than this.
      const isWorthIt = ({ code }: WxpassError) => code === "NETWORK_ERROR" && isQuery(query);
      return onceMoreIf(isWorthIt, () =>
        received(() => transport.send({ path: "/graphql", header, body: { query, variables }, timeout: limit })),
      ).then((response) => ({
        data: readAnswer(response, ({ data }) => (isResult<Result>(data, query) ? data : undefined), fail),
        serverTime: Date.parse(headerOf(response, "date")),
      }));
    },

    upload: (filePath, token) =>
      received(() =>
        callPlatform(uploadTimeout, (callbacks) =>
          use("uploadFile")(
            assign({ url: `${url}/avatar`, filePath, name: "file", header: headers(token) }, callbacks),
          ),
        ),
      ).then((response) => readAnswer(response, addressIn, fail)),
  };
}

/**
 * Whether data answer an operation: the server has checked it against the schema from which the type was made. Gateways too like to
 * answer with `data`, but of something else.
 */
const isResult = <Result>(data: unknown, query: string): data is Result =>
  isObject(data) && Object.keys(data).some((name) => query.indexOf(name) >= 0);

const addressIn = ({ avatarUrl }: JsonObject) => (typeof avatarUrl === "string" ? avatarUrl : undefined);
