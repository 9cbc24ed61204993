import type { Gender, User } from "../wxpass/wxpass.js";

/** An account as the home page shows it. */
export interface Profile {
  nickname: string;
  avatarUrl: string;
  signature: string;
  /** The end of the account's id: enough to tell a support desk. */
  shortId: string;
  rows: { label: string; value: string }[];
  /** With the middle covered; empty if there is none. */
  phone: string;
  /** Nothing has been filled in yet. */
  isBlank: boolean;
}

/** What genders are called. */
export const genderNames: Record<Gender, string> = { MALE: "男", FEMALE: "女" };

/** Turns an account into the texts of the home page. */
export function describeUser(user: User): Profile {
  const rows = [
    { label: "性别", value: user.gender ? genderNames[user.gender] : "" },
    { label: "生日", value: user.birthday ? formatDate(user.birthday) : "" },
    { label: "地址", value: user.address ?? "" },
    { label: "邮箱", value: user.email ?? "" },
  ];
  return {
    nickname: user.nickname ?? "",
    avatarUrl: user.avatarUrl ?? "",
    signature: user.signature ?? "",
    shortId: user.id.slice(-8).toUpperCase(),
    rows,
    phone: maskPhone(user.phone ?? ""),
    isBlank: !user.nickname && !user.avatarUrl && !user.signature && rows.every((row) => row.value === ""),
  };
}

/** `1998-02-08` as `1998年2月8日`. */
export function formatDate(date: string): string {
  const [year, month, day] = date.split("-").map(Number);
  return `${year}年${month}月${day}日`;
}

/** Covers the middle of a number in E.164; that of China loses its `+86`, too. */
export function maskPhone(phone: string): string {
  const chinese = /^\+86(\d{3})\d{4}(\d{4})$/.exec(phone);
  if (chinese) return `${chinese[1]} **** ${chinese[2]}`;
  return phone.replace(/^(\+\d{2,3})\d+(\d{2})$/, "$1 **** $2");
}
