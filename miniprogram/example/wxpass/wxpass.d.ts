// Made by `npm run client`; don't edit.
export interface WxpassOptions {
    /** The address of the server, such as `https://wxpass.example.com`. */
    url: string;
    /** The mini-program's AppID; only needed if the server knows several and can't tell by the `Referer`. */
    appId?: string;
    /** The language of messages. Default: what WeChat sends; without that, Chinese. */
    language?: Language;
    /** Milliseconds that a request may take. Default: 10000. */
    timeout?: number;
    /** Under which the tokens are kept on the phone. Default: `wxpass`. */
    storageKey?: string;
    /** What to use instead of the functions of `wx`. */
    platform?: Partial<Platform>;
    /** Default: over the platform's `request`. */
    transport?: Transport;
}
/** An account, with the profile that its owner keeps. */
export type User = UserFragment;
/** A signed-in device of the caller's. */
export type Session = SessionFragment;
/**
 * The account of whoever holds the phone. Every call that needs a user signs in by itself if it has to. All promises reject with
 * a `WxpassError` and nothing else; besides its own codes, any call may give the client's.
 */
export interface Wxpass {
    /** Whether there are tokens on the phone. They may have expired, or the session may have ended elsewhere. */
    readonly signedIn: boolean;
    /**
     * Signs in with a new code of `wx.login`, also when already signed in, as a new device. Other calls sign in by themselves, so this is
     * only needed to know `isNewUser`, or after `logout()`.
     */
    login(): Promise<{
        user: User;
        isNewUser: boolean;
    }>;
    me(): Promise<User>;
    /** Changes the fields that are given: `null` clears one. `BAD_USER_INPUT` and `CONTENT_REJECTED` name the `field`. */
    updateProfile(input: UpdateProfileInput): Promise<User>;
    /** Uploads the file of `<button open-type="chooseAvatar">` and gives the avatar's new address. */
    uploadAvatar(tempFilePath: string): Promise<string>;
    removeAvatar(): Promise<User>;
    /**
     * Binds the number, with the code of `<button open-type="getPhoneNumber">`; `PHONE_TAKEN` if another account has it.
     * Then `takeOver`, with another code of the button, moves it to this one.
     */
    bindPhone(code: string, options?: {
        takeOver?: boolean;
    }): Promise<User>;
    unbindPhone(): Promise<User>;
    mySessions(): Promise<Session[]>;
    /** Signs out one of the person's devices. For this one, use `logout()`. False if there is none with this id. */
    revokeSession(id: string): Promise<boolean>;
    /**
     * Signs out. The tokens are forgotten at once, and it never rejects: if the server can't be reached, the session there ends by
     * itself in time. Calls under way don't sign in again; the next call does, so look at `signedIn` before.
     */
    logout(): Promise<void>;
    /** Signs out all of the person's devices, and says how many. It rejects if that isn't certain; then one is still signed in here. */
    logoutEverywhere(): Promise<number>;
    /** Erases the account for good. It rejects if that isn't certain. The next call makes a new account, so look at `signedIn` before. */
    deleteAccount(): Promise<void>;
    /** Everything that the server holds about the person. */
    exportMyData(): Promise<Record<string, unknown>>;
    /**
     * Sends an operation of your own. A query is sent again, once, if nothing came back; a mutation only after `UNAUTHENTICATED`,
     * which says that nothing was done.
     */
    request<Result, Variables>(document: Document<Result, Variables>, variables: Variables): Promise<Result>;
}
/** Makes the client of a server. One is enough for a program: put it into a module of its own. */
export declare function createWxpass(options: WxpassOptions): Wxpass;
/** A person's gender. 性别。 */
export type Gender = 
/** Male. 男。 */
'MALE'
/** Female. 女。 */
 | 'FEMALE';
/** What to change in the profile. A field left out stays as it is; `null` clears it. 要修改的资料：不传的字段保持不变，传 `null` 则清空。 */
export type UpdateProfileInput = {
    /** One line of 1 to 32 characters. 昵称，1 至 32 个字符，不能换行。 */
    nickname?: string | null | undefined;
    /** A deliverable address of up to 254 characters. 有效的邮箱地址。 */
    email?: string | null | undefined;
    /** A real date from 1900-01-01 to today. 1900-01-01 至今天的真实日期。 */
    birthday?: string | null | undefined;
    /** `MALE` or `FEMALE`. 性别。 */
    gender?: Gender | null | undefined;
    /** 1 to 200 characters. 地址，1 至 200 个字符。 */
    address?: string | null | undefined;
    /** 1 to 120 characters. 个性签名，1 至 120 个字符。 */
    signature?: string | null | undefined;
};
export type UserFragment = {
    id: string;
    nickname: string | null;
    avatarUrl: string | null;
    email: string | null;
    phone: string | null;
    birthday: string | null;
    gender: Gender | null;
    address: string | null;
    signature: string | null;
    createdAt: string;
    updatedAt: string;
};
export type SessionFragment = {
    id: string;
    appId: string;
    device: string | null;
    isCurrent: boolean;
    createdAt: string;
    lastUsedAt: string;
    expiresAt: string;
};
/** What wxpass answers. */
export type ServerErrorCode = "UNAUTHENTICATED" | "WX_CODE_INVALID" | "WX_USER_BLOCKED" | "WX_RATE_LIMITED" | "WX_BUSY" | "WX_MISCONFIGURED" | "REFRESH_TOKEN_INVALID" | "USER_DISABLED" | "REAUTHENTICATION_REQUIRED" | "PHONE_TAKEN" | "RATE_LIMITED" | "CONTENT_REJECTED" | "QUERY_TOO_COMPLEX" | "BAD_USER_INPUT" | "INTERNAL_SERVER_ERROR";
/** What is answered to a request that is no valid GraphQL: a mistake in the program. */
export type RequestErrorCode = "BAD_REQUEST" | "GRAPHQL_PARSE_FAILED" | "GRAPHQL_VALIDATION_FAILED";
/**
 * What the client itself finds: nothing came back (`NETWORK_ERROR`), or not in time (`TIMEOUT`), or the mini-program went to the
 * background (`INTERRUPTED`); what came is no answer of wxpass (`BAD_RESPONSE`); `wx.login` failed (`LOGIN_FAILED`).
 */
export type ClientErrorCode = "NETWORK_ERROR" | "TIMEOUT" | "INTERRUPTED" | "BAD_RESPONSE" | "LOGIN_FAILED";
export type ErrorCode = ServerErrorCode | RequestErrorCode | ClientErrorCode;
/** What to do next: sign in again with `login()`, try again later, or show the message and stop. */
export type Retry = "NEW_CODE" | "LATER" | "NEVER";
/** The only kind of error that calls of the client reject with. Recognise it with {@link isWxpassError}. */
export interface WxpassError extends Error {
    name: "WxpassError";
    /** One of {@link ErrorCode}, or one that a newer server has added. */
    code: ErrorCode | (string & Record<never, never>);
    /** For people, in Chinese or English. */
    message: string;
    retry: Retry;
    /** Seconds to wait, if the server says. */
    retryAfter?: number;
    /** Under which the server's log has more. */
    requestId?: string;
    /** The input field whose value is at fault. */
    field?: string;
    /** For developers: WeChat's own words, such as `request:fail url not in domain list`, or the HTTP status. */
    detail?: string;
}
export type Language = "zh-CN" | "en";
/** Whether something that was caught is an error of the client's. */
export declare const isWxpassError: (value: unknown) => value is WxpassError;
/**
 * The text of a GraphQL operation, which may know the types of its result and its variables. A plain string is one, and so is
 * what `@graphql-codegen/typed-document-node` makes in its string mode. There is no GraphQL parser on the phone.
 */
export interface Document<Result = unknown, Variables = unknown> {
    toString(): string;
    /** Only for the type checker. */
    __apiType?: (variables: Variables) => Result;
}
/** How functions of `wx` report back. */
export interface Callbacks<Result> {
    /** Milliseconds. */
    timeout: number;
    success: (result: Result) => void;
    fail: (reason: unknown) => void;
}
/** What `wx.request`, `wx.uploadFile` and `wx.cloud.callContainer` give, whatever the HTTP status. */
export interface PlatformResponse {
    statusCode: number;
    data: unknown;
    header?: Record<string, unknown> | null;
}
export interface RequestOptions extends Callbacks<PlatformResponse> {
    url: string;
    method: "POST";
    header: Record<string, string>;
    data: string;
}
export interface UploadOptions extends Callbacks<PlatformResponse> {
    url: string;
    filePath: string;
    name: string;
    header: Record<string, string>;
}
/**
 * What the client needs of a mini-program's surroundings. `wx` has it all, and so have `Taro` and `uni`. Functions that return
 * a promise besides calling back are fine.
 * @see https://developers.weixin.qq.com/miniprogram/dev/api/network/request/wx.request.html
 */
export interface Platform {
    login(options: Callbacks<{
        code?: string;
    }>): unknown;
    request(options: RequestOptions): unknown;
    uploadFile(options: UploadOptions): unknown;
    getStorageSync(key: string): unknown;
    setStorageSync(key: string, value: unknown): void;
    removeStorageSync(key: string): void;
}
/** Gives a function of the platform. */
export type Use = <Name extends keyof Platform>(name: Name) => Platform[Name];
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
export interface ContainerOptions extends Callbacks<PlatformResponse> {
    config: {
        env: string;
    };
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
/**
 * Sends over `wx.cloud.callContainer` to a service in WeChat Cloud Run, which needs no domain. It can't upload files, so
 * `uploadAvatar` still goes over `wx.uploadFile` to the `url` of the client.
 * @see https://developers.weixin.qq.com/miniprogram/dev/wxcloudrun/src/development/call/mini.html
 */
export declare function cloudTransport({ env, service, cloud }: CloudTransportOptions): Transport;
