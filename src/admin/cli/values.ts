import { InvalidArgumentError } from "commander";
import { validate as isUuid } from "uuid";
import { boundsOfDay } from "../../clock.js";
import type { Text } from "../../errors.js";
import { readPhoneNumber } from "../../phone-number.js";
import { parseIdEnd } from "../id-end.js";
import { faultOfReason } from "../reason.js";
import { noDay, noId, noIdEnd } from "../search.js";
import type { Terminal } from "./terminal.js";

const noPhone: Text = {
  zh: "请写成 13800138000，或者完整的 +85261234567。",
  en: "Write it like 13800138000, or in full, such as +85261234567.",
};

const noCount: Text = { zh: "应为 1 到 9999 的整数。", en: "It must be a number from 1 to 9999." };

/** How options and arguments are read; each throws an `InvalidArgumentError`, in the operator's language. */
export function createValues({ language }: Pick<Terminal, "language">) {
  const refuse = (fault: Text): never => {
    throw new InvalidArgumentError(fault[language]);
  };
  return {
    refuse,
    /** A UUID as the database writes it. */
    uuid: (text: string): string => (isUuid(text) ? text.toLowerCase() : refuse(noId)),
    /** An id, or the end of one, as the database writes it. */
    idOrEnd: (text: string): string => parseIdEnd(text) ?? refuse(noIdEnd),
    /** A phone number in E.164, as people write it. */
    phoneNumber: (text: string): string => readPhoneNumber(text) ?? refuse(noPhone),
    /** A day such as 2026-01-31. */
    day: (text: string): string => (boundsOfDay(text) ? text : refuse(noDay)),
    /** How many of something to show. */
    count: (text: string): number => (/^[1-9]\d{0,3}$/.test(text) ? Number(text) : refuse(noCount)),
    /** Why something is done, for the audit log. */
    reason(text: string): string {
      const fault = faultOfReason(text);
      return fault ? refuse(fault) : text;
    },
  };
}
