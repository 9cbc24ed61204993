import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import autocannon from "autocannon";
import { freePort, start } from "./process.mjs";

/*
 * The same work on wxpass and on what one would pick instead (bench/baseline), both on SQLite, taking turns, so that
 * whatever else the machine does hits both. Takes about a minute; the figures are for orientation, not for comparing machines.
 */

const rounds = 3;
const seconds = 3;
const connections = 16;

/** So many that nobody comes near the number of sessions at which the oldest is ended. */
const people = 60 * connections;

const folder = mkdtempSync(join(tmpdir(), "wxpass-bench-"));
const secret = "bench-secret-Zp3vR8xkW1nQ6tYd0LsHc5Jf";
const wechatPort = await freePort();
const wechat = `http://127.0.0.1:${wechatPort}`;

const programs = {
  wxpass: (port, run) => ({
    file: "dist/main.js",
    url: `http://127.0.0.1:${port}/graphql`,
    probe: `http://127.0.0.1:${port}/readyz`,
    env: {
      NODE_ENV: "production",
      PORT: String(port),
      DATABASE_URL: `sqlite:${join(folder, `wxpass-${run}.db`)}`,
      JWT_SECRET: secret,
      WECHAT_APPS: "wxbench:secret",
      WECHAT_API_URL: wechat,
      LOG_LEVEL: "warn",
      RATE_LIMIT: "off",
    },
  }),
  baseline: (port, run) => ({
    file: "bench/baseline/server.mjs",
    url: `http://127.0.0.1:${port}/`,
    probe: `http://127.0.0.1:${port}/?query=%7B__typename%7D`,
    env: {
      NODE_ENV: "production",
      PORT: String(port),
      DATABASE: join(folder, `baseline-${run}.db`),
      JWT_SECRET: secret,
      WECHAT_API_URL: wechat,
    },
  }),
};

const names = Object.keys(programs);
const userFields = "id nickname email birthday gender address signature createdAt updatedAt";
const loginBody = (code) =>
  JSON.stringify({
    query: `mutation Login($code: String!) { wxLogin(code: $code) { token isNewUser user { ${userFields} } } }`,
    variables: { code },
  });
const headers = { "content-type": "application/json" };
const meBody = JSON.stringify({ query: `query Me { me { ${userFields} } }` });

async function launch(name, run) {
  const { file, url, probe, env } = programs[name](await freePort(), run);
  return { ...(await start(file, env, probe)), url };
}

async function signIn(url, code) {
  const response = await fetch(url, { method: "POST", headers, body: loginBody(code) });
  return (await response.json()).data.wxLogin.token;
}

/** Signs in everybody, as many at once as there are connections, and returns the requests to measure. */
async function prepare(url) {
  const me = [];
  const wxLogin = [];
  for (let index = 0; index < people; index += connections) {
    const codes = Array.from({ length: connections }, (_, offset) => `person${index + offset}`);
    const tokens = await Promise.all(codes.map((code) => signIn(url, code)));
    me.push(...tokens.map((token) => ({ headers: { ...headers, authorization: `Bearer ${token}` }, body: meBody })));
    wxLogin.push(...codes.map((code) => ({ headers, body: loginBody(code) })));
  }
  return { "me (requests/s)": me, "wxLogin (requests/s)": wxLogin };
}

/** Requests a second; each connection speaks for people of its own. Any answer with an error in it spoils the run. */
async function measure(url, requests, duration = seconds) {
  const verifyBody = (body) => !body.includes('"errors"');
  let connection = 0;
  const setupClient = (client) => {
    const mine = connection++;
    client.setRequests(requests.filter((_, index) => index % connections === mine));
  };
  const options = { url, method: "POST", connections, duration, setupClient, verifyBody };
  const result = await autocannon(options);
  const bad = result.errors + result.non2xx + result.mismatches;
  if (bad > 0) throw new Error(`${bad} requests to ${url} failed`);
  return result.requests.total / result.duration;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const figures = {};
const note = (what, name, value) => {
  figures[what] ??= { wxpass: [], baseline: [] };
  figures[what][name].push(value);
};

const wechatProcess = await start("bench/wechat.mjs", { PORT: String(wechatPort) }, `${wechat}/?js_code=ready`);

for (let run = 0; run < rounds; run++) {
  for (const name of names) {
    const server = await launch(name, `start${run}`);
    note("start-up (ms)", name, server.startup);
    note("idle memory (MB)", name, server.memory());
    await server.stop();
  }
}

const servers = {};
const work = {};
for (const name of names) {
  const server = await launch(name, "load");
  servers[name] = server;
  work[name] = await prepare(server.url);
  for (const requests of Object.values(work[name])) await measure(server.url, requests, 1);
}

for (let round = 0; round < rounds; round++) {
  for (const what of Object.keys(work.wxpass)) {
    for (const name of round % 2 ? names.toReversed() : names) {
      note(what, name, await measure(servers[name].url, work[name][what]));
    }
  }
}
for (const name of names) note("memory after load (MB)", name, servers[name].memory());

for (const server of [...Object.values(servers), wechatProcess]) await server.stop();
rmSync(folder, { recursive: true });

console.log(`Node.js ${process.version}; medians of ${rounds} rounds of ${seconds} s, ${connections} connections\n`);
console.log(`${"".padEnd(24)}${"wxpass".padStart(10)}${"baseline".padStart(10)}${"ratio".padStart(8)}`);
for (const [what, { wxpass, baseline }] of Object.entries(figures)) {
  const [ours, theirs] = [median(wxpass), median(baseline)];
  const cells = [ours.toFixed(0).padStart(10), theirs.toFixed(0).padStart(10), (ours / theirs).toFixed(2).padStart(8)];
  console.log(what.padEnd(24) + cells.join(""));
}
