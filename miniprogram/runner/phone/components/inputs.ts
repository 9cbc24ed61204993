import type { ComponentSpace } from "glass-easel";
import type { Privacy } from "../privacy.ts";
import { type BuiltIn, defineBuiltIn } from "./built-in.ts";

const shared = {
  value: "",
  placeholder: "",
  placeholderStyle: "",
  placeholderClass: "",
  disabled: false,
  /** WeChat cuts at 140 characters unless told otherwise. */
  maxlength: 140,
  focus: false,
  autoFocus: false,
  cursorSpacing: 0,
  cursor: 0,
  adjustPosition: true,
  holdKeyboard: false,
  confirmType: "done",
  confirmHold: false,
};

/** Defines the components that a person types into. */
export function defineInputs(space: ComponentSpace, privacy: Privacy): void {
  defineBuiltIn(space, "input", { ...shared, type: "text", password: false, alwaysEmbed: false }, (part) => {
    const field = document.createElement("input");
    field.addEventListener("keydown", ({ key, isComposing }) => {
      if (key !== "Enter" || isComposing) return;
      part.emit("confirm", { value: field.value });
      if (!part.flag("confirmHold")) field.blur();
    });
    let refused = false;
    field.addEventListener("focus", async () => {
      if (part.text("type") !== "nickname" || !privacy.needed || refused) return;
      field.blur();
      refused = (await privacy.require("input.nickname")) !== undefined;
      field.focus();
    });
    const update = buildField(part, field);
    return () => {
      field.type = part.flag("password") ? "password" : "text";
      update();
    };
  });

  defineBuiltIn(
    space,
    "textarea",
    { ...shared, autoHeight: false, fixed: false, showConfirmBar: true, disableDefaultPadding: false },
    (part) => {
      const field = document.createElement("textarea");
      const update = buildField(part, field);
      const grow = () => {
        if (!part.flag("autoHeight")) return;
        field.style.height = "auto";
        field.style.height = `${field.scrollHeight}px`;
      };
      field.addEventListener("input", grow);
      return () => {
        part.element.toggleAttribute("auto-height", part.flag("autoHeight"));
        update();
        grow();
      };
    },
  );
}

/** What a line and an area to type into have in common. */
function buildField(part: BuiltIn, field: HTMLInputElement | HTMLTextAreaElement): () => void {
  part.element.append(field);
  field.addEventListener("input", () => {
    part.change("value", field.value);
    part.emit("input", { value: field.value, cursor: field.selectionStart ?? field.value.length, keyCode: 0 });
  });
  field.addEventListener("focus", () => part.emit("focus", { value: field.value, height: 0 }));
  field.addEventListener("blur", () => {
    part.emit("blur", { value: field.value, cursor: field.value.length });
    if (part.text("type") === "nickname") part.emit("nicknamereview", { pass: true, timeout: false });
  });
  let focused = false;
  return () => {
    const value = part.text("value");
    if (field.value !== value) field.value = value;
    field.placeholder = part.text("placeholder");
    field.disabled = part.flag("disabled");
    field.ariaLabel = part.text("ariaLabel") || null;
    if (part.number("maxlength") >= 0) field.maxLength = part.number("maxlength");
    else field.removeAttribute("maxlength");
    const wanted = part.flag("focus") || part.flag("autoFocus");
    if (wanted && !focused) queueMicrotask(() => field.focus());
    focused = wanted;
  };
}
