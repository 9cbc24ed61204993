import type { Picture } from "../../protocol.ts";
import type { Bridge } from "../bridge.ts";
import type { Dialogs } from "../dialogs.ts";
import { make, makeButton } from "../dom.ts";

/** Lets the person choose an avatar: the one at WeChat, or a file. */
export async function choosePicture(dialogs: Dialogs, bridge: Bridge): Promise<Picture | undefined> {
  const way = await dialogs.sheet<"wechat" | File | undefined>("选择头像", (done) => [
    makeButton("用微信头像", "phone-choice", () => done("wechat")),
    fromAlbum(done),
    makeButton("取消", "phone-choice", () => done(undefined)),
  ]);
  if (way === "wechat") return bridge("wechatAvatar", null);
  return way && { fileName: way.name, type: way.type, content: await toBase64(way) };
}

function fromAlbum(done: (file: File) => void): HTMLElement {
  const field = make("input", { type: "file", accept: "image/*", "aria-label": "从相册选择" });
  field.addEventListener("change", () => {
    const file = field instanceof HTMLInputElement ? field.files?.[0] : undefined;
    if (file) done(file);
  });
  return make("label", { class: "phone-choice", role: "button" }, "从相册选择", field);
}

function toBase64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(String(reader.result).replace(/^.*?,/, "")));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}
