import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { codegen } from "@graphql-codegen/core";
import * as typedDocuments from "@graphql-codegen/typed-document-node";
import * as operationTypes from "@graphql-codegen/typescript-operations";
import { buildSchema, parse } from "graphql";
import { expect, expectTypeOf, inject, test } from "vitest";
import type {
  Document,
  Session,
  UpdateProfileInput,
  User,
  Wxpass,
  WxpassError,
} from "../../../miniprogram/client/dist/wxpass.js";
import { runClient } from "../../support/client-engine.js";
import { createPhone } from "../../support/phone.js";
import { startTestApp } from "../../support/test-app.js";

const root = join(import.meta.dirname, "../../..");

test("the calls have the types of the schema", () => {
  expectTypeOf<User["gender"]>().toEqualTypeOf<"MALE" | "FEMALE" | null>();
  expectTypeOf<User["birthday"]>().toEqualTypeOf<string | null>();
  expectTypeOf<Session["isCurrent"]>().toEqualTypeOf<boolean>();
  expectTypeOf<UpdateProfileInput>().toExtend<{ nickname?: string | null | undefined }>();
  expectTypeOf<Wxpass["me"]>().returns.resolves.toEqualTypeOf<User>();
  expectTypeOf<Wxpass["deleteAccount"]>().returns.resolves.toBeVoid();
  expectTypeOf<WxpassError["retry"]>().toEqualTypeOf<"NEW_CODE" | "LATER" | "NEVER">();
});

/** What @graphql-codegen/typed-document-node makes in its string mode. */
interface TypedDocumentString<Result, Variables> {
  length: number;
  toString(): string;
  __apiType?: (variables: Variables) => Result;
}

test("an operation's result and variables have the document's types, and a plain string leaves them open", () => {
  type Rename = Document<{ updateProfile: { id: string } }, { nickname: string }>;
  const request: Wxpass["request"] = () => Promise.reject(new Error("never called"));
  const rename: Rename = "mutation Rename($nickname: String) { updateProfile(input: {nickname: $nickname}) { id } }";
  const send = () => request(rename, { nickname: "Alice" });
  expectTypeOf(send).returns.resolves.toEqualTypeOf<{ updateProfile: { id: string } }>();
  // @ts-expect-error: the variable is missing
  expectTypeOf(() => request(rename, {})).toBeFunction();
  type Generated = TypedDocumentString<{ me: { id: string } }, { [name: string]: never }>;
  expectTypeOf((mine: Generated) => request(mine, {})).returns.resolves.toEqualTypeOf<{ me: { id: string } }>();
  expectTypeOf(() => request("{ me { id } }", {})).returns.resolves.toBeUnknown();
  expectTypeOf(() => request<{ me: User }, object>("{ me { id } }", {})).returns.resolves.toEqualTypeOf<{ me: User }>();
});

test("a document from GraphQL Code Generator, in string mode, is sent as it is", async () => {
  const schema = readFileSync(join(root, "schema.graphql"), "utf8");
  const generated = await codegen({
    filename: "operations.ts",
    schema: parse(schema),
    schemaAst: buildSchema(schema),
    documents: [{ location: "mine.graphql", document: parse("query Mine { me { nickname } }") }],
    plugins: [{ operationTypes: {} }, { typedDocuments: {} }],
    pluginMap: { operationTypes, typedDocuments },
    config: { documentMode: "string", useTypeImports: true },
  });
  const file = join(inject("folder"), "operations.mjs");
  writeFileSync(file, stripTypeScriptTypes(generated));
  const { MineDocument } = await import(pathToFileURL(file).href);
  const app = await startTestApp();
  const phone = createPhone(app);
  const wxpass = runClient(phone).createWxpass({ url: app.url });
  expect(await wxpass.request(MineDocument, {})).toEqual({ me: { nickname: null } });
});

test("wx of WeChat's own typings is a platform and a cloud, and the client type-checks in such a program", () => {
  const folder = join(inject("folder"), "typed-program");
  mkdirSync(folder);
  for (const file of ["wxpass.js", "wxpass.d.ts"]) {
    writeFileSync(join(folder, file), readFileSync(join(root, "miniprogram/client/dist", file)));
  }
  writeFileSync(
    join(folder, "app.ts"),
    `import { cloudTransport, createWxpass, isWxpassError } from "./wxpass";
     const wxpass = createWxpass({
       url: "https://wxpass.example.com",
       platform: { login: wx.login, request: wx.request, uploadFile: wx.uploadFile, getStorageSync: wx.getStorageSync,
         setStorageSync: wx.setStorageSync, removeStorageSync: wx.removeStorageSync },
       transport: cloudTransport({ env: "prod-1", service: "wxpass", cloud: wx.cloud }),
     });
     createWxpass({ url: "", platform: wx }).me().then(({ nickname }) => nickname?.trim());
     wxpass.me().catch((error: unknown) => {
       if (isWxpassError(error)) wx.showToast({ title: error.message });
     });`,
  );
  const typings = join(root, "node_modules/miniprogram-api-typings/index.d.ts");
  const options = "--ignoreConfig --noEmit --strict --skipLibCheck --target es2015 --lib es2015 --module commonjs";
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const run = () =>
    execFileSync(process.execPath, [tsc, ...options.split(" "), join(folder, "app.ts"), typings], { stdio: "pipe" });
  expect(run).not.toThrow();
});
