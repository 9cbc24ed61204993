import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { endSessions } from "../support/accounts.js";
import { decode, forge } from "../support/forged-token.js";
import { freePort } from "../support/free-port.js";
import { newKeyFile } from "../support/key-files.js";
import { keepSecret } from "../support/log-search.js";
import { newFolder } from "../support/server-process.js";
import { startTestApp } from "../support/test-app.js";
import { findProgram, run, testIf } from "../support/tools.js";

const docs = join(import.meta.dirname, "../../docs");

/** The code of a page, by its language and place. */
const codeOf = (page: string) =>
  [...readFileSync(join(docs, page), "utf8").matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, code = ""]) => ({
    language,
    code,
  }));

const blocks = codeOf("other-back-ends.md");
const codeIn = (language: string, at = 0) => blocks.filter((block) => block.language === language)[at]?.code ?? "";

const INTROSPECTION_SECRET = "zGq0T7mX2vN5bK1c-other";
keepSecret(INTROSPECTION_SECRET);
const port = await freePort();
const PUBLIC_URL = `http://127.0.0.1:${port}`;
const keys = { RS256: newKeyFile("RS256"), ES256: newKeyFile() };
const env = { PORT: String(port), PUBLIC_URL, INTROSPECTION_SECRET, JWT_KEYS: `${keys.RS256.file},${keys.ES256.file}` };
const app = await startTestApp({ env });
const es256 = await startTestApp({
  env: { ...env, PORT: "0", DATABASE_URL: app.databaseUrl, JWT_KEYS: keys.ES256.file },
});

const alice = await app.client.signedIn("alice");
const bob = await es256.client.signedIn("bob");
const { header, payload } = decode(alice.token);

/** Tokens that no other back end may take: of another secret, and as alike as can be with a signature of another token. */
const bad = [
  forge({ ...header, alg: "HS256" }, payload),
  `${alice.token.split(".", 2).join(".")}.${bob.token.split(".")[2]}`,
];

/** The code as it is for this server. */
const here = (code: string) => code.replaceAll("http://127.0.0.1:4000", app.url);

/** What a program answers to each token. */
const verdicts = async (program: string, args: string[], cwd: string) => {
  const { status, output } = await run(program, [...args, alice.token, bob.token, ...bad], { cwd });
  return { status, lines: output.trimEnd().split("\n") };
};

const expected = { status: 0, lines: [alice.user.id, bob.user.id, "refused", "refused"] };

test("both languages of the page have the same code", () => {
  expect(codeOf("other-back-ends.zh-CN.md")).toEqual(blocks);
  expect(blocks.map(({ language }) => language)).toEqual(["js", "python", "java", "go", "sh", "js", "nginx"]);
});

test("the part for Node.js takes tokens of both kinds, and no forged one", async () => {
  const folder = newFolder();
  const jose = pathToFileURL(join(import.meta.dirname, "../../node_modules/jose/dist/webapi/index.js")).href;
  const asking = "for (const token of process.argv.slice(2)) console.log(await userOf(token).catch(() => 'refused'));";
  writeFileSync(join(folder, "check.mjs"), here(codeIn("js")).replace('"jose"', `"${jose}"`) + asking);
  expect(await verdicts(process.execPath, ["check.mjs"], folder)).toEqual(expected);
});

/** Debian's own Python may stand behind another one. */
const python = ["python3", "/usr/bin/python3"].find(
  (name) => spawnSync(name, ["-c", "import jwt, cryptography"]).status === 0,
);

const pyjwt = { what: "PyJWT", debianPackage: "python3-jwt python3-cryptography" };

testIf(python !== undefined, pyjwt, "the part for Python takes tokens of both kinds, and no forged one", async () => {
  const folder = newFolder();
  const asking = `
import sys
for token in sys.argv[1:]:
    try:
        print(user_of(token))
    except jwt.PyJWTError:
        print("refused")
`;
  writeFileSync(join(folder, "check.py"), here(codeIn("python")) + asking);
  expect(await verdicts(python ?? "python3", ["check.py"], folder)).toEqual(expected);
});

test("the part for curl tells of a token what there is to tell", async () => {
  const options = { cwd: newFolder(), env: { INTROSPECTION_SECRET, TOKEN: alice.token } };
  const { output } = await run("sh", ["-c", here(codeIn("sh")).replace("curl ", "curl -s ")], options);
  const answer: object = JSON.parse(output);
  expect(answer).toMatchObject({ active: true, sub: alice.user.id });
  const promised = [...readFileSync(join(docs, "other-back-ends.md"), "utf8").matchAll(/"(\w+)":…/g)];
  expect(Object.keys(answer)).toEqual(["active", "token_type", ...promised.map(([, name]) => name)]);
});

/** Ends nginx when the tests are done. */
const nginxes: ReturnType<typeof spawn>[] = [];
afterAll(() => {
  for (const each of nginxes) each.kill("SIGTERM");
});

/** Starts nginx with the page's configuration before a back end, and returns where. */
async function startNginx(backEnd: number): Promise<string> {
  const [folder, front] = [newFolder(), await freePort()];
  for (const name of ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]) mkdirSync(join(folder, name));
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const site = here(codeIn("nginx"))
    .replace("127.0.0.1:8080", `127.0.0.1:${front}`)
    .replace("127.0.0.1:3000", `127.0.0.1:${backEnd}`)
    .replace("Bearer INTROSPECTION_SECRET", `Bearer ${INTROSPECTION_SECRET}`);
  const main = `load_module ${njs}; daemon off; master_process off; pid ${folder}/pid; error_log stderr; events {}`;
  writeFileSync(join(folder, "nginx.conf"), `${main}\nhttp { access_log off; ${paths.join(" ")}\n${site} }`);
  writeFileSync(join(folder, "introspect.js"), codeIn("js", 1));
  nginxes.push(spawn(findProgram("nginx") ?? "nginx", ["-p", folder, "-c", join(folder, "nginx.conf")]));
  const url = `http://127.0.0.1:${front}`;
  await expect
    .poll(() =>
      fetch(url).then(
        (response) => response.status,
        () => 0,
      ),
    )
    .toBe(401);
  return url;
}

const njs = "/usr/lib/nginx/modules/ngx_http_js_module.so";
const module = { what: "nginx with njs", debianPackage: "nginx libnginx-mod-http-js" };

testIf(
  existsSync(njs),
  module,
  "the part for nginx lets through whose session stands, and tells who it is",
  async () => {
    const backEnd = createServer((request, response) => response.end(request.headers["x-user-id"])).listen(
      0,
      "127.0.0.1",
    );
    await once(backEnd, "listening");
    const address = backEnd.address();
    const url = await startNginx(address !== null && typeof address === "object" ? address.port : 0);
    const ask = async (token: string, headers = {}) => {
      const response = await fetch(url, { headers: { authorization: `Bearer ${token}`, ...headers } });
      return [response.status, response.ok ? await response.text() : ""];
    };
    const carol = await app.client.signedIn("carol");
    expect(await ask(carol.token, { "x-user-id": "somebody else" })).toEqual([200, carol.user.id]);
    for (const token of bad) expect(await ask(token)).toEqual([401, ""]);
    await endSessions(app, carol.user.id);
    expect(await ask(carol.token)).toEqual([401, ""]);
    backEnd.close();
  },
);
