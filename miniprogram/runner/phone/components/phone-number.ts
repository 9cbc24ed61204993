import type { Failure } from "../../protocol.ts";
import type { Bridge } from "../bridge.ts";
import type { Dialogs } from "../dialogs.ts";
import { make, makeButton } from "../dom.ts";

/** Shows what WeChat shows at `getPhoneNumber`, and gets the code for the number if the person allows it. */
export async function askForPhone(dialogs: Dialogs, bridge: Bridge): Promise<Failure | { errMsg: "ok"; code: string }> {
  const known = await bridge("phoneNumber", null);
  if ("failure" in known) return known.failure;
  const allowed = await dialogs.sheet<boolean>("手机号", (done) => [
    make("h2", {}, "申请获取并验证你的手机号"),
    make("p", { class: "phone-number" }, known.number.replace(/^(\d{3})\d{4}/, "$1****")),
    makeButton("不允许", "phone-cancel", () => done(false)),
    makeButton("允许", "phone-confirm", () => done(true)),
  ]);
  if (!allowed) return { errMsg: "fail user deny" };
  const result = await bridge("phoneCode", null);
  return "failure" in result ? result.failure : { errMsg: "ok", code: result.code };
}
