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

/** Names that other servers use, in the form that {@link plainName} gives them. */
const usualNames: Partial<Record<ImportField, string>> = {
  openid: "wxopenid wechatopenid weixinopenid xcxopenid maopenid miniopenid 微信openid 小程序openid 用户openid",
  appId: "wxappid wechatappid 微信appid 小程序appid",
  unionid: "wxunionid wechatunionid weixinunionid 微信unionid 用户unionid",
  nickname: "nick wxnickname wechatnickname 昵称 用户昵称 微信昵称 微信名",
  email: "mail emailaddress 邮箱 邮件 电子邮箱 电子邮件 邮箱地址 邮件地址",
  phone:
    "mobile mobilephone mobileno mobilenumber phoneno phonenumber cellphone tel telephone 手机 手机号 手机号码 电话 电话号码 联系电话 移动电话 绑定手机 绑定手机号 微信手机号",
  birthday: "birth birthdate dateofbirth dob 生日 出生日期 出生年月日",
  gender: "sex 性别",
  address: "addr 地址 住址 联系地址 通讯地址 通信地址 详细地址 家庭地址",
  signature: "bio 签名 个性签名 个人签名 简介 个人简介",
  createdAt:
    "created createtime createdtime createdate createddate createat ctime gmtcreate addtime datejoined joindate joinedat jointime regtime regdate registertime registeredat registerdate registrationtime registrationdate 注册时间 注册日期 创建时间 创建日期 加入时间",
  isActive: "active enabled isenabled 启用 是否启用 是否有效 是否激活",
};

/** Longer names are nobody's for a field of ours. */
const maxNameCharacters = 60;

/** What doesn't tell names apart: case, separators, width, and whether a form demands the field. */
const plainName = (name: string) =>
  name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/\((必填|选填|可选|required|optional)\)/g, "")
    .replace(/[^\p{L}\p{N}()/]/gu, "");

const ownNames = new Map(importFields.map((field) => [plainName(field), field]));

const aliases = new Map(
  importFields.flatMap((field) => (usualNames[field]?.split(" ") ?? []).map((name) => [name, field])),
);

/** What a column's name says, and how well: 2 for our own name, 1 for one that is usual elsewhere. */
export function fieldOfName(name: string): { field: ImportField | undefined; rank: number } {
  const plain = name.length > maxNameCharacters ? "" : plainName(name);
  const own = ownNames.get(plain);
  return own ? { field: own, rank: 2 } : { field: aliases.get(plain), rank: 1 };
}
