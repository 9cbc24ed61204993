import type { ComponentSpace } from "glass-easel";
import type { Dialogs } from "../dialogs.ts";
import { make, makeButton } from "../dom.ts";
import { type BuiltIn, defineBuiltIn } from "./built-in.ts";
import { dateWheels } from "./date-wheels.ts";
import { createWheel } from "./wheel.ts";

const properties = {
  mode: "selector",
  disabled: false,
  headerText: "",
  range: null,
  rangeKey: "",
  value: null,
  start: "",
  end: "",
  fields: "day",
};

/**
 * Defines `<picker>` for one of a list and for a date.
 * @see https://developers.weixin.qq.com/miniprogram/dev/component/picker.html
 */
export function definePicker(space: ComponentSpace, dialogs: Dialogs): void {
  defineBuiltIn(space, "picker", properties, (part) => {
    part.element.setAttribute("role", "button");
    part.onTap(async () => {
      if (part.flag("disabled")) return;
      const picked = await (part.text("mode") === "date" ? pickDate(part, dialogs) : pickOne(part, dialogs));
      if (picked === undefined) return part.emit("cancel", {});
      part.change("value", picked);
      part.emit("change", { value: picked });
    });
    return () => part.element.toggleAttribute("disabled", part.flag("disabled"));
  });
}

/** WeChat gives the index as a text on some phones and as a number on others; DevTools gives a text. */
function pickOne(part: BuiltIn, dialogs: Dialogs): Promise<string | undefined> {
  const range = part.value("range");
  const labels = Array.isArray(range) ? range.map((item: unknown) => labelOf(item, part.text("rangeKey"))) : [];
  const wheel = createWheel(labels, Number(part.value("value")) || 0);
  return open(part, dialogs, [wheel.element], () => String(wheel.index()));
}

function pickDate(part: BuiltIn, dialogs: Dialogs): Promise<string | undefined> {
  const wheels = dateWheels(String(part.value("value") ?? ""), part.text("start"), part.text("end"));
  return open(part, dialogs, wheels.elements, wheels.value);
}

function open(
  part: BuiltIn,
  dialogs: Dialogs,
  wheels: HTMLElement[],
  value: () => string,
): Promise<string | undefined> {
  return dialogs.sheet<string | undefined>(part.text("headerText") || "选择", (done) => [
    make(
      "div",
      { class: "phone-picker-buttons" },
      makeButton("取消", "phone-cancel", () => done(undefined)),
      makeButton("确定", "phone-confirm", () => done(value())),
    ),
    make("div", { class: "phone-wheels" }, ...wheels),
  ]);
}

function labelOf(item: unknown, key: string): string {
  if (key === "" || typeof item !== "object" || item === null) return String(item);
  return String(Object.entries(item).find(([name]) => name === key)?.[1] ?? "");
}
