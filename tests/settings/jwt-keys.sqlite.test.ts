import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { chmodSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { type Config, loadConfig } from "../../src/settings/config.js";
import { ConfigError } from "../../src/settings/config-error.js";
import { admin } from "../support/admin.js";
import { fileOf, newKeyFile } from "../support/key-files.js";
import { jwtSecret } from "../support/test-app.js";

const [rsa, ec] = [newKeyFile("RS256"), newKeyFile()];

const load = (JWT_KEYS: string): Config => loadConfig({ NODE_ENV: "test", JWT_SECRET: jwtSecret, JWT_KEYS });

function faultsOf(value: string): string[] {
  try {
    load(value);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
  }
  return [];
}

const pem = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString();
const pemOf = (namedCurve: string) => pem(generateKeyPairSync("ec", { namedCurve }).privateKey);

test("keys sign by their kind, in their order, and HS256 before them leaves signing to JWT_SECRET", () => {
  const both = [
    { id: rsa.id, algorithm: "RS256" },
    { id: ec.id, algorithm: "ES256" },
  ];
  expect(load(`${rsa.file}, ${ec.file}`).jwtKeys).toMatchObject({ secretSigns: false, keys: both });
  expect(load(`HS256,${ec.file}`).jwtKeys).toMatchObject({ secretSigns: true, keys: [both[1]] });
});

test("a key in the older forms of PEM is the same key", () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const old = fileOf(privateKey.export({ type: "pkcs1", format: "pem" }).toString());
  const parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
  const { privateKey: curve } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const openssl = fileOf(parameters + curve.export({ type: "sec1", format: "pem" }).toString());
  expect(load(`${old},${openssl}`).jwtKeys?.keys.map(({ algorithm }) => algorithm)).toEqual(["RS256", "ES256"]);
  expect(faultsOf(`${fileOf(pem(privateKey))},${old}`)).toEqual(["JWT_KEYS: file 2 holds the same key as file 1"]);
});

test.each([
  ["no such file", () => "/nowhere/s3cret.pem", "can't be read (ENOENT)"],
  ["no name", () => "", "can't be read (ENOENT)"],
  ["a folder", () => dirname(ec.file), "is no file"],
  ["no key", () => fileOf("s3cret"), "holds no private key in PEM"],
  ["nothing", () => fileOf(""), "holds no private key in PEM"],
  ["too much", () => fileOf("s3cret".repeat(20_000)), "is too large for a key"],
  [
    "a public key",
    () => fileOf(generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }).toString()),
    "holds no private key in PEM",
  ],
  [
    "a key with a passphrase",
    () => {
      const cipher = { cipher: "aes-256-cbc", passphrase: "s3cret" };
      const { privateKey } = generateKeyPairSync("ed25519");
      return fileOf(privateKey.export({ type: "pkcs8", format: "pem", ...cipher }).toString());
    },
    "is encrypted; it must need no passphrase",
  ],
  [
    "a weak key",
    () => fileOf(pem(generateKeyPairSync("rsa", { modulusLength: 1_024 }).privateKey)),
    "holds an RSA key of 1024 bits; it must have 2048 to 8192",
  ],
  ["a key of another curve", () => fileOf(pemOf("P-384")), "holds a key of another kind than RSA and P-256"],
  ["a key of Bitcoin's curve", () => fileOf(pemOf("secp256k1")), "holds a key of another kind than RSA and P-256"],
  [
    "a key for EdDSA",
    () => fileOf(pem(generateKeyPairSync("ed25519").privateKey)),
    "holds a key of another kind than RSA and P-256",
  ],
])("%s is a fault, named with its place and without name or content", (_, make, fault) => {
  expect(faultsOf(`${ec.file},${make()}`)).toEqual([`JWT_KEYS: file 2 ${fault}`]);
});

test("all files' faults are named at once, and the same key twice is one", () => {
  expect(faultsOf(`/nowhere/a.pem,${ec.file},/nowhere/b.pem,${ec.file}`)).toEqual([
    "JWT_KEYS: file 1 can't be read (ENOENT)",
    "JWT_KEYS: file 3 can't be read (ENOENT)",
    "JWT_KEYS: file 4 holds the same key as file 2",
  ]);
});

test("a key in the place of a file's name is a fault that doesn't show it", () => {
  const text = readFileSync(ec.file, "utf8");
  expect(faultsOf(text)).toEqual(["JWT_KEYS: holds a key itself; write it into a file, and name that here"]);
  expect(faultsOf(text.replaceAll(/-.*-|\n/g, "")).join()).not.toContain(text.split("\n")[1]);
});

test("HS256 alone publishes nothing, so it is a fault, and so it is behind a file", () => {
  expect(faultsOf("HS256")).toEqual(["JWT_KEYS: HS256 needs the file of a key after it"]);
  expect(faultsOf(`${ec.file},HS256`)).toEqual(["JWT_KEYS: file 2 can't be read (ENOENT)"]);
});

test("a file that everybody can read is a warning without its name", () => {
  const { file } = newKeyFile();
  expect(load(`${ec.file},${file}`).warnings).toEqual([]);
  chmodSync(file, 0o644);
  expect(load(`${ec.file},${file}`).warnings.map(({ en }) => en)).toEqual([
    "JWT_KEYS: file 2 can be read by everybody on this machine (try: chmod 640 on it)",
  ]);
});

test.each([
  ["ES256", []],
  ["RS256", ["--rsa"]],
])("make-keys writes a key for %s that only its owner can read, and overwrites nothing", async (algorithm, options) => {
  const file = `${ec.file}-${algorithm}`;
  const made = await admin(["make-keys", file, ...options], { env: {} });
  const [key] = load(file).jwtKeys?.keys ?? [];
  expect(made).toEqual({ code: 0, output: `Wrote ${file}: ${algorithm}, kid ${key?.id}.\n`, errors: "" });
  expect(key?.algorithm).toBe(algorithm);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const text = readFileSync(file, "utf8");
  const again = await admin(["make-keys", file], { env: {} });
  expect(again).toMatchObject({ code: 1, errors: expect.stringContaining("nothing is overwritten") });
  expect(readFileSync(file, "utf8")).toBe(text);
  const nowhere = await admin(["make-keys", "/nowhere/key.pem"], { env: {} });
  expect(nowhere).toMatchObject({ code: 1, errors: expect.stringContaining("can't be written (ENOENT)") });
});
