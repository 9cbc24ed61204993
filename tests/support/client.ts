import { openidOf, unionidOf } from "../../src/wechat/simulator/people.js";
import { keepSecret } from "./log-search.js";

/** The first of the two apps that a server without `WECHAT_APPS` knows. */
export const firstApp = "wx0000000000000001";
export const secondApp = "wx0000000000000002";

export interface UserData {
  id: string;
  nickname: string | null;
  avatarUrl: string | null;
  email: string | null;
  birthday: string | null;
  gender: "MALE" | "FEMALE" | null;
  address: string | null;
  signature: string | null;
  phone: string | null;
  createdAt: string;
  updatedAt: string;
}

export interface LoginData {
  token: string;
  expiresAt: string;
  refreshToken: string;
  isNewUser: boolean;
  user: UserData;
}

export interface ErrorData {
  message: string;
  path?: (string | number)[];
  extensions: { code: string; retry?: string; field?: string; retryAfter?: number; requestId?: string };
}

export interface SessionData {
  id: string;
  appId: string;
  device: string | null;
  isCurrent: boolean;
  createdAt: string;
  lastUsedAt: string;
  expiresAt: string;
}

export interface ExportData {
  exportedAt: string;
  account: Record<string, string | null>;
  profile: Record<string, string | null>;
  identities: Record<string, string | null>[];
  unionids: string[];
  sessions: Record<string, string | null>[];
  avatarChecks: Record<string, string | null>[];
}

/** What the fields of the API hold. */
interface Data {
  me: UserData;
  updateProfile: UserData;
  removeAvatar: UserData;
  wxLogin: LoginData;
  refreshToken: LoginData;
  mySessions: SessionData[];
  logout: boolean;
  logoutEverywhere: number;
  revokeSession: boolean;
  bindPhone: UserData;
  unbindPhone: UserData;
  deleteAccount: boolean;
  exportMyData: ExportData;
}

/** An answer as it came over the wire. */
export interface Answer {
  status: number;
  headers: Headers;
  /** The text as received. */
  text: string;
  data: Partial<Data> | null | undefined;
  errors: ErrorData[];
  /** The code of the first error, or "ok". */
  outcome: string;
}

export interface RequestOptions {
  variables?: Record<string, unknown>;
  token?: string;
  headers?: Record<string, string>;
}

/** Talks to a server as a mini-program does. */
export interface Client {
  request(query: string, options?: RequestOptions): Promise<Answer>;
  login(code: string, options?: RequestOptions & { appId?: string }): Promise<Answer>;
  /** Signs in and returns what came, or throws. */
  signedIn(code: string, options?: RequestOptions & { appId?: string }): Promise<LoginData>;
  refresh(refreshToken: string): Promise<Answer>;
  bindPhone(token: string, code: string): Promise<Answer>;
  me(token?: string): Promise<Answer>;
  updateProfile(token: string | undefined, input: Record<string, unknown>): Promise<Answer>;
}

export const userFields = "id nickname avatarUrl email birthday gender address signature phone createdAt updatedAt";

const payloadFields = `token expiresAt refreshToken isNewUser user { ${userFields} }`;

const loginMutation = `mutation Login($code: String!, $appId: String) {
  wxLogin(code: $code, appId: $appId) { ${payloadFields} }
}`;

/** Makes a client of the server at this address, which sends these headers with all its requests. */
export function createClient(url: string, always: Record<string, string> = {}): Client {
  async function request(query: string, { variables, token, headers }: RequestOptions = {}): Promise<Answer> {
    keepSecret(token);
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...always,
        ...headers,
      },
      body: JSON.stringify({ query, variables }),
    });
    return readAnswer(response);
  }

  async function login(code: string, { appId, ...options }: RequestOptions & { appId?: string } = {}): Promise<Answer> {
    keepSecret(code.length >= 16 ? code : undefined, unionidOf(code));
    keepSecret(openidOf(firstApp, code), openidOf(secondApp, code));
    const answer = await request(loginMutation, { ...options, variables: { code, appId } });
    keepSecret(answer.data?.wxLogin?.token, answer.data?.wxLogin?.refreshToken);
    return answer;
  }

  return {
    request,
    login,
    async signedIn(code, options) {
      const { data, text } = await login(code, options);
      if (!data?.wxLogin) throw new Error(`signing in failed: ${text}`);
      return data.wxLogin;
    },
    async refresh(refreshToken) {
      const answer = await request(
        `mutation Refresh($token: String!) { refreshToken(refreshToken: $token) { ${payloadFields} } }`,
        {
          variables: { token: refreshToken },
        },
      );
      keepSecret(refreshToken, answer.data?.refreshToken?.token, answer.data?.refreshToken?.refreshToken);
      return answer;
    },
    async bindPhone(token, code) {
      const query = `mutation BindPhone($code: String!) { bindPhone(code: $code) { ${userFields} } }`;
      const answer = await request(query, { token, variables: { code } });
      keepSecret(code, answer.data?.bindPhone?.phone ?? undefined);
      return answer;
    },
    me: (token) => request(`query Me { me { ${userFields} } }`, token === undefined ? {} : { token }),
    updateProfile: (token, input) =>
      request(`mutation Update($input: UpdateProfileInput!) { updateProfile(input: $input) { ${userFields} } }`, {
        variables: { input },
        ...(token !== undefined && { token }),
      }),
  };
}

/** Reads an answer of the server's, which is JSON whatever happens. */
export async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  const body: Pick<Answer, "data"> & { errors?: ErrorData[] } = JSON.parse(text);
  const errors = body.errors ?? [];
  return {
    status: response.status,
    headers: response.headers,
    text,
    data: body.data,
    errors,
    outcome: errors[0]?.extensions.code ?? "ok",
  };
}
