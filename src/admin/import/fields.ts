/** What a file can say about a person. */
export const importFields = [
  "openid",
  "appId",
  "unionid",
  "nickname",
  "email",
  "phone",
  "birthday",
  "gender",
  "address",
  "signature",
  "createdAt",
  "isActive",
] as const;

/** One thing that a file can say about a person. */
export type ImportField = (typeof importFields)[number];

export const isImportField = (name: string): name is ImportField => importFields.some((field) => field === name);

/** Names that other servers use, in the form that {@link plain} gives them. */
const usualNames: Partial<Record<ImportField, string[]>> = {
  openid: ["wxopenid", "wechatopenid"],
  appId: ["wxappid"],
  unionid: ["wxunionid", "wechatunionid"],
  nickname: ["nick"],
  email: ["mail"],
  phone: ["mobile", "mobilephone", "phonenumber", "tel", "telephone"],
  birthday: ["birthdate", "dateofbirth"],
  gender: ["sex"],
  signature: ["bio"],
  createdAt: ["datejoined", "createtime", "createdtime"],
};

/** Case and separators don't tell names apart: `openId`, `open_id` and `OPENID` are one. */
const plain = (name: string) => name.toLowerCase().replace(/[\s_-]/g, "");

const ownNames = new Map(importFields.map((field) => [plain(field), field]));

const aliases = new Map(importFields.flatMap((field) => (usualNames[field] ?? []).map((name) => [name, field])));

/** What a column's name says, and how well: 2 for our own name, 1 for one that is usual elsewhere. */
export function fieldOfName(name: string): { field: ImportField | undefined; rank: number } {
  const own = ownNames.get(plain(name));
  return own ? { field: own, rank: 2 } : { field: aliases.get(plain(name)), rank: 1 };
}
