/** What documentation and haste write where a secret belongs, and rows of the keyboard. */
const words = new RegExp(
  [
    ...[
      "your",
      "my",
      "own",
      "our",
      "the",
      "this",
      "very",
      "super",
      "some",
      "long",
      "string",
      "secure",
      "strong",
      "safe",
    ],
    ...[
      "secret",
      "token",
      "key",
      "private",
      "shared",
      "signing",
      "sign",
      "password",
      "passwd",
      "pass",
      "phrase",
      "salt",
    ],
    ...["jwt", "hs256", "hs512", "sha256", "hmac", "256", "512", "128", "bits?", "bytes?", "chars?", "characters?"],
    ...["at", "least", "minimum", "min", "or", "more", "please", "change", "replace", "insert", "enter", "put", "set"],
    ...["here", "with", "before", "value", "random", "generated?", "example", "sample", "demo", "dummy", "placeholder"],
    ...["default", "insecure", "unsafe", "todo", "fixme", "development", "production", "prod", "dev", "local", "host"],
    ...["wechat", "weixin", "wxpass", "admin", "root", "user", "app", "server", "hello", "world", "foo", "bar", "baz"],
    ...["keyboard", "cat", "letmein", "welcome", "qwerty(?:uiop)?", "asdf(?:ghjkl)?", "zxcv(?:bnm)?", "1q2w3e4r"],
    ...["请", "修改", "更改", "换成", "替换", "改成", "为", "你", "您", "的", "自己", "密钥", "密码", "口令", "随机"],
    ...["示例", "例子", "测试", "字符串?", "字节", "至少", "以上", "这里", "填写", "输入", "生成"],
  ].join("|"),
  "gu",
);

/**
 * How many characters of a text can't be told from the others: none of the words above, no block that is repeated, no row such
 * as `1234`, `fedcba`, `aaaa` or, taking turns, `a1b2c3`. Random letters lose one or two by chance.
 */
export function unpredictableCharacters(text: string): number {
  const rest = text
    .toLowerCase()
    .replace(words, "")
    .replace(/[^\p{L}\p{N}]+/gu, "")
    .replace(/(.{3,}?)\1+/gu, "$1");
  const codes = [...rest].map((character) => character.codePointAt(0) ?? 0);
  const isKnownFrom = (at: number, stride: number, reach: number): boolean => {
    const [now = 0, before, first] = [codes[at], codes[at - stride], codes[at - 2 * stride]];
    if (before === undefined || first === undefined) return false;
    return now - before === before - first && Math.abs(now - before) <= reach;
  };
  return codes.filter((_, at) => !isKnownFrom(at, 1, 2) && !isKnownFrom(at, 2, 1)).length;
}

/** Whether a secret has 32 bytes and is no pattern and no text of documentation. */
export const isStrong = (secret: string) =>
  Buffer.byteLength(secret) >= 32 && new Set(secret).size >= 8 && unpredictableCharacters(secret) >= 16;

/** Whether a token, of which WeChat allows at most 32 letters and digits, can't be guessed, be it from a message that it has signed. */
export const isStrongToken = (token: string) => token.length >= 16 && unpredictableCharacters(token) >= 8;
