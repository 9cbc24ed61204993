import { existsSync } from "node:fs";
import type { Text } from "../../errors.js";
import { codeInCauses } from "../../log.js";
import { type FileStore, newFileName } from "../../storage/file-store.js";
import { openFileStore } from "../../storage/open-store.js";
import { type Check, type Finding, fault, ok, skipped } from "./finding.js";
import { whyNoAnswer } from "./network-fault.js";

/** Whether avatars can be kept: a file is written, read where clients find it, and deleted. */
export const checkStorage: Check = async ({ storage, publicUrl }, { fetch, now }) => {
  if (storage.kind === "disk" && !existsSync(storage.folder)) {
    return [
      skipped(
        `${storage.folder} 还不存在，服务第一次启动时创建`,
        `${storage.folder} isn't there yet: the server makes it when it starts`,
      ),
    ];
  }
  const name = newFileName();
  try {
    const store = await openFileStore(storage, { publicUrl, fetch, now });
    return await tryOut(store, name, fetch);
  } catch (error) {
    return [fault(cant("写入文件", "written", error), writing)];
  }
};

async function tryOut(store: FileStore, name: string, fetch: typeof globalThis.fetch): Promise<Finding[]> {
  await store.put(name, content);
  const findings = [await readPublicly(store.url(name), fetch)];
  try {
    await store.remove(name);
  } catch (error) {
    const { zh, en } = cant("删除文件", "deleted", error);
    findings.push(fault({ zh: `${zh}：${name}`, en: `${en}: ${name}` }, deleting));
  }
  return findings.filter(({ state }, _, all) => state !== "ok" || all.length === 1);
}

/** No picture, and no avatar's name: nobody takes it for one. */
const content = Buffer.from("wxpass admin doctor");

async function readPublicly(url: string, fetch: typeof globalThis.fetch): Promise<Finding> {
  const place = new URL(".", url).href;
  try {
    const response = await fetch(url, { redirect: "manual" });
    const bytes = Buffer.from(await response.arrayBuffer());
    if (response.status === 200 && bytes.equals(content)) {
      return ok(`文件可以写入、在 ${place} 读到、删除`, `a file was written, read at ${place}, and deleted`);
    }
    const what = response.status === 200 ? "" : `HTTP ${response.status}`;
    return fault(
      {
        zh: `写入的文件在 ${place} 读不到：${what || "内容不同"}`,
        en: `what was written can't be read at ${place}: ${what || "something else is there"}`,
      },
      reading,
    );
  } catch (error) {
    const why = whyNoAnswer(error);
    return fault({ zh: `${place} 连不上：${why.zh}`, en: `${place} isn't reached: ${why.en}` }, reading);
  }
}

function cant(zh: string, en: string, error: unknown): Text {
  const code = codeInCauses(error);
  const why = code === undefined ? whyNoAnswer(error) : { zh: code, en: code };
  return { zh: `不能${zh}（${why.zh}）`, en: `no file can be ${en} (${why.en})` };
}

const writing: Text = {
  zh: "核对 STORAGE_URL：目录属于运行服务的用户；存储桶的密钥、名称、地域和写权限",
  en: "Look at STORAGE_URL: the folder must belong to the server's user; a bucket needs its key, name, region and the right to write",
};

const deleting: Text = {
  zh: "给密钥删除权限，并手动删掉这个文件",
  en: "Let the key delete, and delete this file by hand",
};

const reading: Text = {
  zh: "存储桶要允许所有人读（或用 public= 指向 CDN）；目录由服务自己在 PUBLIC_URL 下提供，服务必须在运行并使用同一个目录",
  en: "A bucket must let anybody read (or public= name its CDN); a folder is served under PUBLIC_URL by the server, which must run and use the same one",
};
