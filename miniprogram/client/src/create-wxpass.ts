import { againIf } from "./again";
import type { Document } from "./document";
import { isRefusal } from "./errors";
import {
  BindPhoneDocument,
  DeleteAccountDocument,
  ExportMyDataDocument,
  LogoutEverywhereDocument,
  MeDocument,
  MySessionsDocument,
  RemoveAvatarDocument,
  RevokeSessionDocument,
  type SessionFragment,
  UnbindPhoneDocument,
  UpdateProfileDocument,
  type UpdateProfileInput,
  type UserFragment,
} from "./generated/operations";
import { assign } from "./json";
import { createServer, isLostQuery } from "./server";
import { createSession } from "./session";
import { completed, type WxpassOptions } from "./setup";
import { nothing } from "./slot";
import { createTokenSource, needsNewCode } from "./token-source";
import { createTokenStore } from "./token-store";

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
  login(): Promise<{ user: User; isNewUser: boolean }>;
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
  bindPhone(code: string, options?: { takeOver?: boolean }): Promise<User>;
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
export function createWxpass(options: WxpassOptions): Wxpass {
  const setup = completed(options);
  const server = createServer(setup);
  const store = createTokenStore(setup);
  const source = createTokenSource(setup, server);
  const session = createSession(store, source, setup.fail);

  const sending =
    <Result, Variables>(document: Document<Result, Variables>, variables: Variables) =>
    (token: string) =>
      server.send(document, variables, token).then(({ data }) => data);

  /** Sends with a new code for each try, which proves who holds the phone. No answer that wants a newer one says that it is done. */
  const proving =
    <Result>(document: Document<Result, { code?: string }>) =>
    (token: string) =>
      againIf(
        (error) => isLostQuery(error, String(document)) || (needsNewCode(error) && !isRefusal(error)),
        () => source.fetchCode().then((code) => sending(document, { code })(token)),
      );

  const request = <Result, Variables>(document: Document<Result, Variables>, variables: Variables) =>
    session.send(sending(document, variables));

  const ask = <Value, Variables>(document: Document<{ value: Value }, Variables>, variables: Variables) =>
    request(document, variables).then(valueIn);

  return {
    get signedIn() {
      return !!store.read();
    },
    login: session.login,
    me: () => ask(MeDocument, {}),
    updateProfile: (input) => ask(UpdateProfileDocument, { input }),
    uploadAvatar: (path) => session.send((token) => server.upload(path, token)),
    removeAvatar: () => ask(RemoveAvatarDocument, {}),
    bindPhone: (code, options) => ask(BindPhoneDocument, assign({ code }, options || {})),
    unbindPhone: () => ask(UnbindPhoneDocument, {}),
    mySessions: () => ask(MySessionsDocument, {}),
    revokeSession: (id) => ask(RevokeSessionDocument, { id }),
    logout: session.logout,
    logoutEverywhere: () => session.finish(sending(LogoutEverywhereDocument, {})).then(valueIn),
    deleteAccount: () => session.finish(proving(DeleteAccountDocument)).then(nothing),
    exportMyData: () => session.send(proving(ExportMyDataDocument)).then(valueIn),
    request,
  };
}

const valueIn = <Value>({ value }: { value: Value }): Value => value;
