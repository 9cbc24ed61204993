import { describe, expect, test } from "vitest";
import { compileFiles, type Files } from "../support/small-program.js";

describe("the compiler refuses, naming the file and the line,", () => {
  test.each<[string, Files, string]>([
    ["a tag that isn't closed", page("<view>\n<text>"), "only.wxml:2 warn: missing end tag"],
    ["a broken expression", page("<view>{{a +}}</view>"), "only.wxml:1 fatal: unexpected character"],
    ["an expression that WXML doesn't have", page("\n<view hidden='{{a?.b}}' />"), "only.wxml:2"],
    ["a component that isn't there", page("<div />"), "only.wxml:1 error: there is no component <div>"],
    ["a list without keys", page('<view wx:for="{{a}}" />'), "only.wxml:1 error: wx:for needs a wx:key"],
    ["HTML's tags in styles", { "pages/only/only.wxss": "h1 { margin: 0 }" }, "only.wxss: h1 selects <h1>"],
    ["a component's selector of tags", component({ "c.wxss": "view { margin: 0 }" }), "c.wxss: WeChat ignores"],
    ["a component that isn't declared as one", component({ "c.json": "{}" }), 'c.json: "component": true belongs'],
    ["a page without a template", { "app.json": '{ "pages": ["pages/none"] }' }, "pages/none.wxml is missing"],
    ["broken JSON", { "pages/only/only.json": "{" }, "only.json: "],
    ["an import of a package", { "pages/only/only.ts": 'import "undici"; Page({});' }, "only relative paths work"],
  ])("%s", async (_, files, complaint) => {
    await expect(compileFiles(files)).rejects.toThrow(complaint);
  });
});

test("styles are put into CSS: rpx, tags, imports, and a component's classes apart from those of others", async () => {
  const program = await compileFiles({
    ...component({ "c.wxss": ":host { color: red } .a .b::after, .c { margin: -75rpx 1.5rpx }" }),
    "base.wxss": "@media (min-width: 1px) { page { --gap: 15rpx } }",
    "app.wxss": '@import "./base.wxss"; .a view { padding: 0 }',
  });

  expect(program).toContain("@media (min-width: 1px) { wx-page { --gap: 2vw }");
  expect(program).toContain(".a wx-view { padding: 0 }");
  expect(program).toContain('[wx-host=\\"c\\"] { color: red }');
  expect(program).toContain(".c--a .c--b::after, .c--c { margin: -10vw 0.2vw }");
});

/** A program whose page has this template. */
function page(template: string): Files {
  return { "pages/only/only.wxml": template };
}

/** A program with a component. */
function component(files: Files): Files {
  return {
    "pages/only/only.json": '{ "usingComponents": { "c": "/c" } }',
    "c.json": '{ "component": true }',
    "c.ts": "Component({});",
    "c.wxml": "<view />",
    ...files,
  };
}
