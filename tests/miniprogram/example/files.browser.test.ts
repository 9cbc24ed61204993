import { expect, test } from "vitest";
import { compileProgram } from "../../../miniprogram/runner/program/compile.ts";
import { exampleFolder } from "../support/mini-program.js";

test("all templates, styles, settings and scripts of the example compile, without a warning", async () => {
  await expect(compileProgram(exampleFolder)).resolves.toContain("pages/home/home");
});
