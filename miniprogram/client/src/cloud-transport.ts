import { assign } from "./json";
import { type Callbacks, callPlatform, type PlatformResponse } from "./platform";
import type { Transport } from "./transport";

export interface ContainerOptions extends Callbacks<PlatformResponse> {
  config: { env: string };
  path: string;
  method: "POST";
  header: Record<string, string>;
  data: object;
}

/** What the transport needs of `wx.cloud`. */
export interface Cloud {
  callContainer(options: ContainerOptions): unknown;
}

export interface CloudTransportOptions {
  /** The id of the Cloud Run environment. */
  env: string;
  /** The name of the service in it. */
  service: string;
  /** Default: `wx.cloud`, which the program has to initialise with `wx.cloud.init()`. */
  cloud?: Cloud;
}

declare const wx: { cloud: Cloud };

/**
 * Sends over `wx.cloud.callContainer` to a service in WeChat Cloud Run, which needs no domain. It can't upload files, so
 * `uploadAvatar` still goes over `wx.uploadFile` to the `url` of the client.
 * @see https://developers.weixin.qq.com/miniprogram/dev/wxcloudrun/src/development/call/mini.html
 */
export function cloudTransport({ env, service, cloud }: CloudTransportOptions): Transport {
  return {
    send: ({ path, header, body, timeout }) =>
      callPlatform(timeout, (options) => (cloud || wx.cloud).callContainer(options), {
        config: { env },
        path,
        method: "POST" as const,
        header: assign({ "X-WX-SERVICE": service }, header),
        data: JSON.parse(JSON.stringify(body)),
      }),
  };
}
