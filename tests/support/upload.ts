import { type Answer, readAnswer } from "./client.js";
import type { TestApp } from "./test-app.js";

export interface UploadAnswer extends Answer {
  avatarUrl: string | undefined;
}

/** Fields of a form, in their order; a buffer is sent as a file. */
export type Parts = [name: string, value: string | Buffer][];

/** Uploads as `wx.uploadFile` does: one file, and text fields around it. */
export async function upload(
  app: Pick<TestApp, "url">,
  token: string | undefined,
  file: Buffer | Parts,
): Promise<UploadAnswer> {
  const form = new FormData();
  for (const [name, value] of Buffer.isBuffer(file) ? ([["file", file]] satisfies Parts) : file) {
    if (typeof value === "string") form.append(name, value);
    else form.append(name, new Blob([new Uint8Array(value)], { type: "image/png" }), "tmp_8f2a.png");
  }
  return post(app, token, { body: form });
}

/** Posts any body to the upload's address. */
export async function post(
  app: Pick<TestApp, "url">,
  token: string | undefined,
  init: RequestInit,
): Promise<UploadAnswer> {
  const response = await fetch(`${app.url}/avatar`, {
    method: "POST",
    ...init,
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...Object(init.headers) },
  });
  const answer = await readAnswer(response);
  const body: { avatarUrl?: string } = JSON.parse(answer.text);
  return { ...answer, avatarUrl: body.avatarUrl };
}

/** Fetches an avatar from the test server, which is not where its public address points. */
export function fetchAvatar(app: TestApp, avatarUrl: string | null | undefined): Promise<Response> {
  return fetch(`${app.url}${new URL(avatarUrl ?? "none:").pathname}`);
}

/** The bytes of an avatar. */
export async function download(app: TestApp, avatarUrl: string | null | undefined): Promise<Buffer> {
  const response = await fetchAvatar(app, avatarUrl);
  if (response.status !== 200) throw new Error(`there is no avatar at ${avatarUrl}`);
  return Buffer.from(await response.arrayBuffer());
}
