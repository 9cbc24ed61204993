// Made by `npm run client`; don't edit.
/** @internal */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
import type { Document } from "../document";
/** A person's gender. 性别。 */
export type Gender =
  /** Male. 男。 */
  | 'MALE'
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

export type UserFragment = { id: string, nickname: string | null, avatarUrl: string | null, email: string | null, phone: string | null, birthday: string | null, gender: Gender | null, address: string | null, signature: string | null, createdAt: string, updatedAt: string };

export type SessionFragment = { id: string, appId: string, device: string | null, isCurrent: boolean, createdAt: string, lastUsedAt: string, expiresAt: string };

/** @internal */
export type LoginMutationVariables = Exact<{
  code: string;
  appId?: string | null | undefined;
}>;

/** @internal */
export type LoginMutation = { value: { token: string, expiresAt: string, refreshToken: string, isNewUser: boolean, user: UserFragment } };

/** @internal */
export type RefreshMutationVariables = Exact<{
  refreshToken: string;
}>;

/** @internal */
export type RefreshMutation = { value: { token: string, expiresAt: string, refreshToken: string } };

/** @internal */
export type MeQueryVariables = Exact<{ [key: string]: never; }>;

/** @internal */
export type MeQuery = { value: UserFragment };

/** @internal */
export type UpdateProfileMutationVariables = Exact<{
  input: UpdateProfileInput;
}>;

/** @internal */
export type UpdateProfileMutation = { value: UserFragment };

/** @internal */
export type RemoveAvatarMutationVariables = Exact<{ [key: string]: never; }>;

/** @internal */
export type RemoveAvatarMutation = { value: UserFragment };

/** @internal */
export type BindPhoneMutationVariables = Exact<{
  code: string;
  takeOver?: boolean | null | undefined;
}>;

/** @internal */
export type BindPhoneMutation = { value: UserFragment };

/** @internal */
export type UnbindPhoneMutationVariables = Exact<{ [key: string]: never; }>;

/** @internal */
export type UnbindPhoneMutation = { value: UserFragment };

/** @internal */
export type MySessionsQueryVariables = Exact<{ [key: string]: never; }>;

/** @internal */
export type MySessionsQuery = { value: Array<SessionFragment> };

/** @internal */
export type RevokeSessionMutationVariables = Exact<{
  id: string;
}>;

/** @internal */
export type RevokeSessionMutation = { value: boolean };

/** @internal */
export type LogoutMutationVariables = Exact<{ [key: string]: never; }>;

/** @internal */
export type LogoutMutation = { value: boolean };

/** @internal */
export type LogoutEverywhereMutationVariables = Exact<{ [key: string]: never; }>;

/** @internal */
export type LogoutEverywhereMutation = { value: number };

/** @internal */
export type DeleteAccountMutationVariables = Exact<{
  code?: string | null | undefined;
}>;

/** @internal */
export type DeleteAccountMutation = { value: boolean };

/** @internal */
export type ExportMyDataQueryVariables = Exact<{
  code?: string | null | undefined;
}>;

/** @internal */
export type ExportMyDataQuery = { value: Record<string, unknown> };

const UserFields = "id nickname avatarUrl email phone birthday gender address signature createdAt updatedAt";

const SessionFields = "id appId device isCurrent createdAt lastUsedAt expiresAt";

/** @internal */
export const LoginDocument: Document<LoginMutation, LoginMutationVariables> =
  `mutation Login($code:String!$appId:String){value:wxLogin(code:$code appId:$appId){token expiresAt refreshToken isNewUser user{${UserFields}}}}`;

/** @internal */
export const RefreshDocument: Document<RefreshMutation, RefreshMutationVariables> =
  "mutation Refresh($refreshToken:String!){value:refreshToken(refreshToken:$refreshToken){token expiresAt refreshToken}}";

/** @internal */
export const MeDocument: Document<MeQuery, MeQueryVariables> =
  `query Me{value:me{${UserFields}}}`;

/** @internal */
export const UpdateProfileDocument: Document<UpdateProfileMutation, UpdateProfileMutationVariables> =
  `mutation UpdateProfile($input:UpdateProfileInput!){value:updateProfile(input:$input){${UserFields}}}`;

/** @internal */
export const RemoveAvatarDocument: Document<RemoveAvatarMutation, RemoveAvatarMutationVariables> =
  `mutation RemoveAvatar{value:removeAvatar{${UserFields}}}`;

/** @internal */
export const BindPhoneDocument: Document<BindPhoneMutation, BindPhoneMutationVariables> =
  `mutation BindPhone($code:String!$takeOver:Boolean){value:bindPhone(code:$code takeOver:$takeOver){${UserFields}}}`;

/** @internal */
export const UnbindPhoneDocument: Document<UnbindPhoneMutation, UnbindPhoneMutationVariables> =
  `mutation UnbindPhone{value:unbindPhone{${UserFields}}}`;

/** @internal */
export const MySessionsDocument: Document<MySessionsQuery, MySessionsQueryVariables> =
  `query MySessions{value:mySessions{${SessionFields}}}`;

/** @internal */
export const RevokeSessionDocument: Document<RevokeSessionMutation, RevokeSessionMutationVariables> =
  "mutation RevokeSession($id:ID!){value:revokeSession(id:$id)}";

/** @internal */
export const LogoutDocument: Document<LogoutMutation, LogoutMutationVariables> =
  "mutation Logout{value:logout}";

/** @internal */
export const LogoutEverywhereDocument: Document<LogoutEverywhereMutation, LogoutEverywhereMutationVariables> =
  "mutation LogoutEverywhere{value:logoutEverywhere}";

/** @internal */
export const DeleteAccountDocument: Document<DeleteAccountMutation, DeleteAccountMutationVariables> =
  "mutation DeleteAccount($code:String){value:deleteAccount(code:$code)}";

/** @internal */
export const ExportMyDataDocument: Document<ExportMyDataQuery, ExportMyDataQueryVariables> =
  "query ExportMyData($code:String){value:exportMyData(code:$code)}";
