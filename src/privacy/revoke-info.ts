import type { ErasableField } from "./erase-fields.js";

/**
 * Which of our fields the numbers in `RevokeInfo` name. The others stand for what wxpass doesn't keep: 1 number plate,
 * 3 invoice title, 4 Bluetooth, 5 microphone, 7 camera, 12 step count, 13 location, 14 chosen images or videos, 15 chosen
 * files, 18 chosen place. An avatar comes from the chooseAvatar button, whose numbers are 6 and 20, and not from 14.
 * @see https://developers.weixin.qq.com/miniprogram/dev/server/event_push/platform/authorized_user_information_changes
 */
const fieldsByItem: Record<string, readonly ErasableField[]> = {
  /** 地址 */
  2: ["address"],
  /** 昵称和头像 */
  6: ["nickname", "avatar"],
  /** 手机号 */
  8: ["phone"],
  /** 邮箱地址 */
  16: ["email"],
  /** 昵称输入键盘中选择的微信昵称 */
  19: ["nickname"],
  /** 获取用户头像组件中选择的微信头像 */
  20: ["avatar"],
};

/** The fields that are to be erased when somebody takes back these permissions. */
export function fieldsOf(items: readonly string[]): ErasableField[] {
  return [...new Set(items.flatMap((item) => fieldsByItem[item] ?? []))];
}
