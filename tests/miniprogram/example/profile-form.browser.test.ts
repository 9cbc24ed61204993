import { expect, test } from "vitest";
import { fillForm, isProfileField, profileChanges } from "../../../miniprogram/example/lib/profile-form.js";
import type { User } from "../../../miniprogram/example/wxpass/wxpass.js";

const saved: User = {
  id: "0199d8f0-6a5b-7c3d-8e9f-0a1b2c3d4e5f",
  nickname: "小明",
  avatarUrl: null,
  email: null,
  phone: null,
  birthday: "1998-02-28",
  gender: "MALE",
  address: null,
  signature: "你好",
  createdAt: "2026-11-22T08:00:00.000Z",
  updatedAt: "2026-11-22T08:00:00.000Z",
};

const changes = (typed: Partial<ReturnType<typeof fillForm>>) =>
  profileChanges({ ...fillForm(saved), ...typed }, saved);

test("a form that nobody touched changes nothing", () => {
  expect(changes({})).toEqual({});
});

test("only what differs is sent", () => {
  expect(changes({ nickname: "小红", gender: "FEMALE" })).toEqual({ nickname: "小红", gender: "FEMALE" });
});

test("what was emptied is sent as null", () => {
  expect(changes({ birthday: "", gender: "", signature: "  " })).toEqual({
    birthday: null,
    gender: null,
    signature: null,
  });
});

test("spaces around a text are no change, and its lines become one", () => {
  expect(changes({ nickname: " 小明 ", address: "上海市\n黄浦区 \r\n 1 号" })).toEqual({
    address: "上海市 黄浦区 1 号",
  });
});

test("names of fields are told from other names", () => {
  expect(["gender", "email", "avatarUrl", undefined].map(isProfileField)).toEqual([true, true, false, false]);
});
