import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSchema, isEnumType, isInputObjectType, isObjectType } from "graphql";
import { expect, test } from "vitest";
import { printedSchema } from "../../src/schema.js";

const committed = readFileSync(join(import.meta.dirname, "../../schema.graphql"), "utf8");

test("schema.graphql is what the code makes (else run: npm run schema)", () => {
  expect(committed).toBe(printedSchema());
});

test("every type, field, argument and enum value has a description", () => {
  const missing: string[] = [];
  const note = (name: string, { description }: { description?: string | null | undefined }) => {
    if (!description) missing.push(name);
  };
  for (const type of Object.values(buildSchema(committed).getTypeMap())) {
    if (type.name.startsWith("__") || ["Query", "Mutation", "String", "Boolean", "ID", "Int"].includes(type.name))
      continue;
    note(type.name, type);
  }
  for (const type of Object.values(buildSchema(committed).getTypeMap())) {
    if (type.name.startsWith("__")) continue;
    if (isEnumType(type)) for (const value of type.getValues()) note(`${type.name}.${value.name}`, value);
    if (isInputObjectType(type))
      for (const field of Object.values(type.getFields())) note(`${type.name}.${field.name}`, field);
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      note(`${type.name}.${field.name}`, field);
      for (const argument of field.args) note(`${type.name}.${field.name}(${argument.name})`, argument);
    }
  }
  expect(missing).toEqual([]);
});

test("nothing secret has a name in the schema", () => {
  expect(committed).not.toMatch(/openid|unionid|session_?key|secret|role/i);
});
