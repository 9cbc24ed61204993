import { expect, test, vi } from "vitest";
import type { UserData } from "../support/client.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp();
const { client } = app;
const { token, user } = await client.signedIn("alice");

type Field = "nickname" | "email" | "birthday" | "address" | "signature";

/** The user as the last accepted change left it. */
let last: UserData = user;

async function expectAccepted(field: Field, value: string, stored = value): Promise<void> {
  const answer = await client.updateProfile(token, { [field]: value });
  expect(answer.errors).toEqual([]);
  expect(answer.data?.updateProfile?.[field]).toBe(stored);
  last = answer.data?.updateProfile ?? last;
}

/** The value is refused as a variable and, where GraphQL can spell it, as a literal; the message is in both languages. */
async function expectRefused(field: Field, value: string): Promise<void> {
  const asVariable = await client.updateProfile(token, { [field]: value });
  const literal = `mutation { updateProfile(input: { ${field}: ${JSON.stringify(value)} }) { id } }`;
  const asLiteral = await client.request(literal, { token, headers: { "accept-language": "en" } });
  for (const answer of value.isWellFormed() ? [asVariable, asLiteral] : [asVariable]) {
    expect(answer).toMatchObject({ status: 200, outcome: "BAD_USER_INPUT" });
    expect(answer.errors[0]?.extensions).toMatchObject({ field, retry: "NEVER" });
  }
  expect(asVariable.errors[0]?.message).toMatch(/[\u4e00-\u9fff]/);
  if (value.isWellFormed()) expect(asLiteral.errors[0]?.message).toMatch(new RegExp(`^${field} [ -~]+$`));
  expect((await client.me(token)).data?.me).toEqual(last);
}

const family = "👨‍👩‍👧‍👦";
const england = "🏴󠁧󠁢󠁥󠁮󠁧󠁿";
const zalgo = (marks: number) => `Z${"\u0335\u0321\u0322\u0327\u0328".repeat(marks).slice(0, marks)}`;

test.each([
  ["one letter", "a"],
  ["32 letters", "a".repeat(32)],
  ["32 Chinese characters", "中".repeat(32)],
  ["32 flags", "🇨🇳".repeat(32)],
  ["32 characters outside the basic plane", "𠮷".repeat(32)],
  ["32 families", family.repeat(32)],
  ["a flag of tags", england],
  ["skin tones, joiners and variation selectors", "👩🏽‍❤️‍💋‍👨🏿 ☺️ 1️⃣"],
  ["letters with marks that have no composed form", "e\u0329\u0301".normalize("NFC").repeat(32)],
  ["a joiner between letters, as Persian needs it", "می\u200cخواهم"],
  ["Arabic and Hebrew", "مرحبا שלום"],
  ["SQL", "'; drop table users; --"],
  ["HTML, quotes and backslashes", `<b title='x'>"&amp;\\n\\u0000`],
  ["a wish of the simulator's", "errcode:40029"],
  ["a dollar and question marks", "$1 ?? :name %s @x"],
])("a nickname of %s is kept as it is", (_, value) => expectAccepted("nickname", value));

test.each([
  ["space around it", "  Alice  ", "Alice"],
  ["wide and unbreakable space around it", "\u3000\u00a0Alice\u2003", "Alice"],
  ["a byte order mark in front", "\ufeffAlice", "Alice"],
  ["an accent as a character of its own", "Jose\u0301", "José"],
  ["Hangul in pieces", "\u1112\u1161\u11ab", "한"],
  ["a sign that is a letter", "\u212bngstr\u00f6m", "Ångström"],
  ["34 characters, of which 2 are space around it", ` ${"a".repeat(32)} `, "a".repeat(32)],
])("a nickname with %s is brought into form", (_, value, stored) => expectAccepted("nickname", value, stored));

test.each([
  ["nothing", ""],
  ["space", "   "],
  ["wide space", "\u3000"],
  ["zero-width space", "\u200b\u200b"],
  ["joiners", "\u200d\u200c\u2060"],
  ["a soft hyphen", "\u00ad"],
  ["the Hangul filler", "\u3164"],
  ["the empty Braille pattern", "\u2800"],
  ["a variation selector", "\ufe0f"],
  ["tag characters", "\u{e0061}\u{e007f}"],
  ["33 letters", "a".repeat(33)],
  ["33 flags", "🇨🇳".repeat(33)],
  ["a pile of 600 marks", zalgo(600)],
  ["32 piles of marks", zalgo(40).repeat(32)],
  ["a zero byte", "Al\u0000ice"],
  ["a line feed", "Al\nice"],
  ["a line feed at the end", "Alice\n"],
  ["a tab", "Al\tice"],
  ["an escape sequence", "\u001b[31mAlice"],
  ["a delete character", "Alice\u007f"],
  ["a C1 control character", "Al\u0085ice"],
  ["a line separator", "Al\u2028ice"],
  ["a paragraph separator", "Al\u2029ice"],
  ["a right-to-left override", "Alice\u202egpj.exe"],
  ["a direction isolate", "\u2066Alice\u2069"],
  ["a direction mark", "Alice\u200e"],
  ["the Arabic direction mark", "Alice\u061c"],
  ["the first half of a character", "Alice\ud83d"],
  ["the second half of a character", "\udc69Alice"],
  ["halves in the wrong order", "\udc69\ud83d"],
])("a nickname of %s is refused", (_, value) => expectRefused("nickname", value));

test("a body full of marks is refused by its bytes, before anything takes them apart", async () => {
  const composed: number[] = [];
  const normalize = vi.spyOn(String.prototype, "normalize").mockImplementation(function (this: string) {
    composed.push(this.length);
    return String(this);
  });
  const query = "mutation ($t: String) { updateProfile(input: { nickname: $t, address: $t, signature: $t }) { id } }";
  const answer = await client.request(query, { token, variables: { t: zalgo(48_000) } });
  normalize.mockRestore();
  expect(answer.errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field: "nickname" });
  expect(composed).toEqual([]);
});

test.each([
  ["address", 200],
  ["signature", 120],
] as const)("a %s has at most %i characters", async (field, most) => {
  await expectAccepted(field, "字".repeat(most));
  await expectAccepted(field, "🇨🇳".repeat(most));
  await expectRefused(field, "字".repeat(most + 1));
  await expectRefused(field, zalgo(32 * most));
  await expectRefused(field, " ");
  await expectRefused(field, "first line\nsecond line");
});

test.each(["1900-01-01", "2000-02-29", "2024-02-29", "1999-12-31", "1986-05-04", "1991-04-14"])(
  "a birthday of %s is kept",
  (date) => expectAccepted("birthday", date),
);

test.each([
  "1899-12-31",
  "0000-01-01",
  "0001-01-01",
  "1900-02-29",
  "2001-02-29",
  "2000-02-30",
  "2000-13-01",
  "2000-00-10",
  "2000-01-00",
  "2000-04-31",
  "2000-1-1",
  "20000101",
  "2000/01/01",
  "01-01-2000",
  "2000-01-01T00:00:00Z",
  "2000-01-01 ",
  "+002000-01-01",
  "-2000-01-01",
  "9999-12-31",
  "２０００-01-01",
  "2000-001",
  "today",
  "",
  "2000-01-0\ud83d",
  "2000-01-01\u0000",
  "1".repeat(90_000),
])("a birthday of %j is refused", (date) => expectRefused("birthday", date));

test("a birthday may be today in China, where it is tomorrow already in the evening of UTC, but not later", async () => {
  const server = await startTestApp();
  const day = 86_400_000;
  const start = server.now().getTime();
  const evening = Math.floor(start / day) * day + day + 20 * 3_600_000;
  server.advance(evening - start);
  const { token: evenings } = await server.client.signedIn("alice");
  const dateIn = (days: number) => new Date(evening + days * day).toISOString().slice(0, 10);
  for (const birthday of [dateIn(0), dateIn(1)]) {
    const { data } = await server.client.updateProfile(evenings, { birthday });
    expect(data?.updateProfile?.birthday).toBe(birthday);
  }
  expect(await server.client.updateProfile(evenings, { birthday: dateIn(2) })).toMatchObject({
    outcome: "BAD_USER_INPUT",
  });
  server.advance(day);
  const { token: tomorrows } = await server.client.signedIn("alice");
  expect(await server.client.updateProfile(tomorrows, { birthday: dateIn(2) })).toMatchObject({ outcome: "ok" });
});

const longLabel = (length: number) => `${"d".repeat(63)}.`.repeat(4).slice(0, length);

test.each([
  "alice@example.com",
  "a@b.cn",
  "Alice.Smith+tag@mail.example.co.uk",
  "o'brien@example.com",
  "!#$%&'*+-/=?^_`{|}~@example.com",
  "123456@qq.com",
  "alice@xn--fsqu00a.xn--0zwm56d",
  "alice@123.com",
  `${"a".repeat(64)}@example.com`,
  `a@${longLabel(248)}.com`,
])("an e-mail address of %s is kept", (email) => expectAccepted("email", email));

test("space around an e-mail address goes", () => expectAccepted("email", " alice@example.com ", "alice@example.com"));

test.each([
  "",
  " ",
  "alice",
  "alice@",
  "@example.com",
  "a@b",
  "alice@localhost",
  "alice@example.com.",
  "alice@.example.com",
  "alice@example..com",
  "alice@-example.com",
  "alice@example.c",
  "alice@example.123",
  "alice@127.0.0.1",
  "alice@[127.0.0.1]",
  "alice@[IPv6:::1]",
  ".alice@example.com",
  "alice.@example.com",
  "al..ice@example.com",
  "al ice@example.com",
  "alice@exam ple.com",
  "alice@@example.com",
  "alice@bob@example.com",
  '"alice"@example.com',
  '"al ice"@example.com',
  "Alice <alice@example.com>",
  "mailto:alice@example.com",
  "alice@example.com,bob@example.com",
  "alice@example.com\nbcc:bob@example.com",
  "alice\u0000@example.com",
  "alice\ud83d@example.com",
  "\udc69\ud83d",
  "alice@example\ud83d.com",
  `${"a".repeat(90_000)}@example.com`,
  "alice@exam_ple.com",
  "alice(comment)@example.com",
  "爱丽丝@example.com",
  "alice@例子.中国",
  "alice@еxample.com",
  "alice@example.com\u200b",
  "ａlice@example.com",
  `${"a".repeat(65)}@example.com`,
  `a@${"d".repeat(64)}.com`,
  `${"a".repeat(64)}@${longLabel(190)}.com`,
  `a@${longLabel(255)}.com`,
])("an e-mail address of %.60j is refused", (email) => expectRefused("email", email));
