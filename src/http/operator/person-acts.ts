import { z } from "zod";
import type { ActContext } from "../../admin/act-context.js";
import { deleteUser } from "../../admin/delete-user.js";
import { disableUser, enableUser } from "../../admin/disable-user.js";
import { endSessions } from "../../admin/end-sessions.js";
import { eraseShownField } from "../../admin/erase-shown-field.js";
import { faultOfReason } from "../../admin/reason.js";
import type { Services } from "../../context.js";
import type { Text } from "../../errors.js";

/** What a page shows beside what is held. */
export interface Outcome {
  done: Text | undefined;
  fault: Text | undefined;
  /** The reason that was typed, if it wasn't done. */
  typed: string;
  isUnmasked: boolean;
}

const formShape = z.object({
  /** The acts on the user that the operator saw. */
  seen: z.string(),
  /** How the user's row was when the operator saw it. */
  version: z.coerce.date(),
  reason: z.string().trim().default(""),
  /** The short ID, typed by hand. */
  confirm: z.string().trim().default(""),
});

type Form = z.infer<typeof formShape>;

/** @throws an error with the status 400 if it isn't what a page of ours sends */
export function readForm(body: unknown): Form {
  const form = formShape.safeParse(body);
  if (!form.success) throw Object.assign(new Error("no form of ours"), { statusCode: 400 });
  return form.data;
}

type Context = ActContext & Pick<Services, "avatarStore" | "log">;

/** Returns why it wasn't done, if it wasn't. */
type FormAct = (context: Context, userId: string, form: Form) => Promise<Text | undefined>;

/** An act with a reason for the audit log. */
const withReason =
  (act: (context: Context, userId: string, reason: string) => Promise<unknown>): FormAct =>
  async (context, userId, { reason }) => {
    const fault = faultOfReason(reason);
    if (!fault) await act(context, userId, reason);
    return fault;
  };

const erasing =
  (field: "phone" | "avatar"): FormAct =>
  async (context, userId, { version }) => {
    await eraseShownField(context, userId, field, version);
    return undefined;
  };

/** The ID that the mini-program shows to its owner. */
export const shortIdOf = (id: string) => id.slice(-8).toUpperCase();

/** What can be done to a user, by the name in the address. */
export const acts: Record<string, FormAct> = {
  disable: withReason(disableUser),
  enable: withReason(enableUser),
  "end-sessions": withReason(endSessions),
  "free-phone": erasing("phone"),
  "remove-avatar": erasing("avatar"),
  async delete(context, userId, form) {
    if (form.confirm.toUpperCase() !== shortIdOf(userId)) return notConfirmed;
    return withReason(deleteUser)(context, userId, form);
  },
};

const notConfirmed: Text = {
  zh: "没有注销：输入的短 ID 与这位用户的不符",
  en: "Not deleted: what was typed isn't this person's short ID",
};

const told: Record<string, Text> = {
  disable: { zh: "已停用，所有会话已结束", en: "Disabled, and all sessions have ended" },
  enable: { zh: "已恢复", en: "Enabled" },
  "end-sessions": { zh: "所有会话已结束", en: "All sessions have ended" },
  "free-phone": { zh: "手机号已释放", en: "The phone number is free" },
  "remove-avatar": { zh: "头像已移除", en: "The avatar is gone" },
  delete: { zh: "已注销，数据已全部删除", en: "Deleted, with everything that belonged to the person" },
};

/** What a page says after an act, by its address. */
export function toldOf(query: unknown): Text | undefined {
  const { done } = z
    .object({ done: z.string().default("") })
    .catch({ done: "" })
    .parse(query);
  return Object.hasOwn(told, done) ? told[done] : undefined;
}
