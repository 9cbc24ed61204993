import { registerEnumType } from "type-graphql";

export enum Gender {
  MALE = "MALE",
  FEMALE = "FEMALE",
}

registerEnumType(Gender, {
  name: "Gender",
  description: "A person's gender. 性别。",
  valuesConfig: {
    MALE: { description: "Male. 男。" },
    FEMALE: { description: "Female. 女。" },
  },
});
