import { AppError, type Text } from "../errors.js";

/** Whether WeChat could not be asked. */
export const isUnchecked = (error: unknown): error is AppError =>
  error instanceof AppError && error.code.startsWith("WX_");

/** The refusal of something that WeChat could not check, with the code of the failed check and what to do about it. */
export function unchecked(error: AppError, what: Text, field?: string): AppError {
  const zh = `${what.zh}暂时无法通过微信审核，未保存，请稍后重新打开小程序再试`;
  const en = `WeChat could not check ${what.en}, so nothing was saved; reopen the mini-program and try again later`;
  return error.reworded({ ...(field !== undefined && { field }), text: { zh, en } });
}
