/** What the Node side, the phone in the browser and the tests say to each other. It has no code that needs either side. */

import type { types } from "glass-easel-miniprogram-adapter";

/** How a page looks from outside: what `app.json` and a page's own JSON say. */
export interface WindowConfig {
  navigationBarTitleText?: string;
  navigationBarBackgroundColor?: string;
  navigationBarTextStyle?: "black" | "white";
  backgroundColor?: string;
  enablePullDownRefresh?: boolean;
}

/** The JSON file of a page or of a component. */
export interface PartConfig extends WindowConfig, types.ComponentStaticConfig {}

/** A page or a component, compiled. */
export interface Part {
  path: string;
  isPage: boolean;
  config: PartConfig;
  css: string;
  /** What sets its classes apart from those of others; undefined if it shares those of its page. */
  styleScope: string | undefined;
  /** The methods that its template names. */
  handlers: string[];
}

/** A mini-program, compiled, but for its templates and scripts. */
export interface Program {
  pages: string[];
  window: WindowConfig;
  /** Which of WeChat's own styles its components have. */
  style: "v1" | "v2";
  /** The CSS of `app.wxss`. */
  css: string;
  parts: Part[];
}

/** What the phone knows when it is switched on. */
export interface Boot {
  /** The mini-program's AppID. `touristappid` is what DevTools has without one. */
  appId: string;
  /** What `wx.setStorageSync` kept. */
  storage: Record<string, string>;
  /** Whether the person has agreed to the mini-program's privacy guide. */
  privacyAgreed: boolean;
}

/** A request as the phone hands it over. */
export interface RequestCall {
  id: number;
  url: string;
  method: string;
  header: Record<string, string>;
  body: string | undefined;
  timeout: number;
}

/** An upload as the phone hands it over. */
export interface UploadCall {
  id: number;
  url: string;
  name: string;
  fileName: string;
  /** Base64. */
  content: string;
  formData: Record<string, string>;
  header: Record<string, string>;
  timeout: number;
}

/** What came back. */
export interface Reply {
  statusCode: number;
  header: Record<string, string>;
  body: string;
}

/** Why nothing came back. WeChat's own words, without the name of the function. */
export interface Failure {
  errMsg: string;
  errno?: number;
}

/** An image that a person chose. */
export interface Picture {
  fileName: string;
  type: string;
  /** Base64. */
  content: string;
}

/** What the phone can ask of the world outside of it. */
export interface Calls {
  request: { in: RequestCall; out: { reply: Reply } | { failure: Failure } };
  upload: { in: UploadCall; out: { reply: Reply } | { failure: Failure } };
  abort: { in: { id: number }; out: null };
  loginCode: { in: null; out: { code: string } | { failure: Failure } };
  /** The number that WeChat shows before it gives it away. */
  phoneNumber: { in: null; out: { number: string } | { failure: Failure } };
  phoneCode: { in: null; out: { code: string } | { failure: Failure } };
  /** The person's avatar at WeChat. */
  wechatAvatar: { in: null; out: Picture };
  store: { in: { key: string; value: string | null }; out: null };
  agreePrivacy: { in: null; out: null };
  /** Something that WeChat would write to the console in red or yellow. */
  fault: { in: { text: string }; out: null };
}
