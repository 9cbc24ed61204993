/** What a client should do next: fetch a new login code, try again later, or show the message and stop. */
export type Retry = "NEW_CODE" | "LATER" | "NEVER";

/** A language of messages for people. */
export type Language = "zh" | "en";

/** The same sentence in every language that wxpass speaks. */
export type Text = Record<Language, string>;

/** Says something in somebody's language. */
export type Translate = (zh: string, en: string) => string;

export const translateTo =
  (language: Language): Translate =>
  (zh, en) =>
    language === "zh" ? zh : en;

/** What a code tells the client to do next, and the message it carries when the throwing place says nothing better. */
export interface ErrorKind {
  retry: Retry;
  text: Text;
}

/** Every error code that wxpass itself answers with. A code never changes its meaning. */
export const errorKinds = {
  UNAUTHENTICATED: {
    retry: "NEW_CODE",
    text: { zh: "请先登录", en: "Please sign in" },
  },
  WX_CODE_INVALID: {
    retry: "NEW_CODE",
    text: {
      zh: "登录凭证无效或已使用，请重新登录",
      en: "The login code is invalid, expired or already used; call wx.login again",
    },
  },
  WX_USER_BLOCKED: {
    retry: "NEVER",
    text: {
      zh: "微信因安全风险拒绝了此次登录",
      en: "WeChat has blocked this person from signing in",
    },
  },
  WX_RATE_LIMITED: {
    retry: "LATER",
    text: {
      zh: "登录过于频繁，请稍后再试",
      en: "WeChat limits how often one may sign in; try again later",
    },
  },
  WX_BUSY: {
    retry: "NEW_CODE",
    text: {
      zh: "微信暂时没有响应，请重试",
      en: "WeChat did not give a usable answer; call wx.login again",
    },
  },
  WX_MISCONFIGURED: {
    retry: "NEVER",
    text: {
      zh: "小程序登录配置有误，请联系开发者",
      en: "WeChat refuses this server's settings; its operator has to act",
    },
  },
  REAUTHENTICATION_REQUIRED: {
    retry: "NEW_CODE",
    text: {
      zh: "请重新验证身份：需要本人新的 wx.login code",
      en: "This needs a fresh code of wx.login of the caller's own",
    },
  },
  REFRESH_TOKEN_INVALID: {
    retry: "NEW_CODE",
    text: { zh: "登录已过期，请重新登录", en: "The refresh token is no longer good; call wx.login again" },
  },
  USER_DISABLED: {
    retry: "NEVER",
    text: { zh: "账号已被停用", en: "This account is disabled" },
  },
  PHONE_TAKEN: {
    retry: "NEVER",
    text: {
      zh: "该手机号已绑定其他账号，可选择转到当前账号（takeOver）",
      en: "Another account holds this phone number; takeOver moves it to this one",
    },
  },
  RATE_LIMITED: {
    retry: "LATER",
    text: { zh: "操作过于频繁，请稍后再试", en: "Too many attempts; try again later" },
  },
  CONTENT_REJECTED: {
    retry: "NEVER",
    text: { zh: "内容违规，请修改", en: "WeChat's content check refused this text" },
  },
  QUERY_TOO_COMPLEX: {
    retry: "NEVER",
    text: { zh: "查询过于复杂", en: "The query is too complex" },
  },
  BAD_USER_INPUT: {
    retry: "NEVER",
    text: { zh: "输入的内容不符合要求", en: "A value breaks its rules" },
  },
  INTERNAL_SERVER_ERROR: {
    retry: "LATER",
    text: {
      zh: "服务器出错了，请稍后再试",
      en: "Something went wrong on the server; try again later",
    },
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorKinds;

/** How many seconds a client waits before it tries again, where nobody knows better. */
const defaultRetrySeconds = 5;

export interface AppErrorDetails {
  /** The input field whose value is at fault. */
  field?: string;
  /** Replaces the code's own, where the throwing place knows better: `LATER` for a `WX_BUSY` that a new code can't help. */
  retry?: Retry;
  /** Seconds to wait; given where the retry is `LATER`. */
  retryAfter?: number;
  /** Replaces the code's own message. */
  text?: Text;
}

/** An expected failure that a client may see, with a code of ours or of an own back end. */
export class ClientError extends Error {
  readonly code: string;
  readonly text: Text;
  readonly field: string | undefined;
  readonly retry: Retry;
  readonly retryAfter: number | undefined;

  constructor(code: string, { retry, text }: ErrorKind, details: AppErrorDetails = {}) {
    super((details.text ?? text).en);
    this.code = code;
    this.text = details.text ?? text;
    this.field = details.field;
    this.retry = details.retry ?? retry;
    this.retryAfter = this.retry === "LATER" ? (details.retryAfter ?? defaultRetrySeconds) : undefined;
  }
}

/** An expected failure with a code of the contract. */
export class AppError extends ClientError {
  override readonly name = "AppError";
  declare readonly code: ErrorCode;

  constructor(code: ErrorCode, details: AppErrorDetails = {}) {
    super(code, errorKinds[code], details);
  }

  /** The same failure in other words: the client does the same about it. */
  reworded(words: Pick<AppErrorDetails, "field" | "text">): AppError {
    const { code, retry, retryAfter } = this;
    return new AppError(code, { retry, ...(retryAfter !== undefined && { retryAfter }), ...words });
  }
}

/** An error as a client sees it. */
export interface PresentedError {
  message: string;
  extensions: {
    code: string;
    retry: Retry;
    requestId: string;
    retryAfter?: number;
    field?: string;
  };
}

/** Shows an error to a client. Anything that is no {@link ClientError} becomes `INTERNAL_SERVER_ERROR`, whose message says nothing. */
export function presentError(error: unknown, language: Language, requestId: string): PresentedError {
  const known = error instanceof ClientError ? error : new AppError("INTERNAL_SERVER_ERROR");
  return {
    message: known.text[language],
    extensions: {
      code: known.code,
      retry: known.retry,
      requestId,
      ...(known.retryAfter !== undefined && { retryAfter: known.retryAfter }),
      ...(known.field !== undefined && { field: known.field }),
    },
  };
}
