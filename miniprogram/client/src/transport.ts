import { callPlatform, type PlatformResponse, type Use } from "./platform";

/** One request to wxpass: `body` goes as JSON to `path` below the server's address. */
export interface TransportRequest {
  path: string;
  header: Record<string, string>;
  body: object;
  /** Milliseconds. */
  timeout: number;
}

/** How requests reach the server. A response counts as one whatever its HTTP status; `send` rejects if none came. */
export interface Transport {
  send(request: TransportRequest): Promise<PlatformResponse>;
}

/**
 * Sends over `wx.request`.
 * @internal
 */
export const requestTransport = (use: Use, url: string): Transport => ({
  send: ({ path, header, body, timeout }) =>
    callPlatform(timeout, use("request"), {
      url: url + path,
      method: "POST" as const,
      header,
      // As text, because platforms differ in what they make of `undefined` in an object.
      data: JSON.stringify(body),
    }),
});
