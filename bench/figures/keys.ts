import { generateKeyPairSync, randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AccessTokens } from "../../build/tokens/access-tokens.js";
import type { Bench } from "../bench.ts";
import { type Contender, everybody, type Measured, measureLoad } from "../load/measure-load.ts";
import { meWorkload } from "../load/workloads.ts";
import { format, median, spread } from "../statistics.ts";
import { renderTable } from "../table.ts";

/** What signs, by its name, and the file of its key; without one it is `JWT_SECRET`. */
type Signers = Map<string, string | undefined>;

/** Reading oneself, and making and checking a token, by what signs it. */
export async function measureKeys(bench: Bench): Promise<string> {
  const signers = makeSigners(bench);
  return (await measureMeBy(bench, signers)) + (await measureTokens(bench, signers));
}

function makeSigners({ folder }: Bench): Signers {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey;
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const keep = (name: string, key: typeof rsa) => {
    const file = join(folder, `${name}.pem`);
    writeFileSync(file, key.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    return file;
  };
  return new Map([
    ["HS256", undefined],
    ["RS256, 2048 bits", keep("rsa", rsa)],
    ["ES256", keep("ec", ec)],
  ]);
}

async function measureMeBy(bench: Bench, signers: Signers): Promise<string> {
  const contenders: Contender[] = [];
  for (const [name, file] of signers) {
    const server = await bench.start(bench.wxpass, { settings: file === undefined ? {} : { JWT_KEYS: file } });
    contenders.push({ id: name, name, server, hasSessions: true, codes: everybody });
  }
  const measured = await measureLoad(bench, contenders, meWorkload, [16]);
  return loadTable(measured.get(16) ?? []);
}

function loadTable(measured: readonly Measured[]): string {
  const [first] = measured;
  const rows = measured.map(({ name, samples }) => {
    const rates = samples.map(({ perSecond }) => perSecond);
    const costs = samples.map(({ cpuUs }) => cpuUs);
    const ratios = rates.map((rate, round) => (first?.samples[round]?.perSecond ?? Number.NaN) / rate);
    const byCpu = costs.map((cost, round) => cost / (first?.samples[round]?.cpuUs ?? Number.NaN));
    const shares = [format(median(ratios), 2), spread(ratios, 2), format(median(byCpu), 2)];
    return [name, format(median(rates)), spread(rates), format(median(costs)), ...shares];
  });
  const columns = ["signed by", "requests/s", "from–to", "CPU µs", "times HS256", "from–to", "by CPU"];
  return renderTable("`me`, SQLite, connections: 16, 1,000 people", columns, rows);
}

/** So many tokens of each kind are made in a round, and checked. */
const tokensPerRound = 300;

/** Makes tokens in turns, and checks each once, so that none is remembered. */
async function measureTokens({ options }: Bench, signers: Signers): Promise<string> {
  const makers = await Promise.all([...signers].map(async ([name, file]) => ({ name, tokens: await tokensBy(file) })));
  const samples = makers.map(({ name, tokens }) => ({
    name,
    tokens,
    making: [] as number[],
    checking: [] as number[],
  }));
  for (let round = 0; round < options.rounds; round++) {
    for (const { tokens, making, checking } of samples) {
      const made: string[] = [];
      making.push(microsecondsOf(() => made.push(tokens.issue({ ...subject, keyId: tokens.keyId }).token)));
      checking.push(microsecondsOf((index) => tokens.verify(made[index] ?? "")));
    }
  }
  const rows = samples.map(({ name, making, checking }) => {
    const ratio = median(checking) / median(samples[0]?.checking ?? []);
    const figures = [making, checking].flatMap((each) => [format(median(each)), spread(each)]);
    return [name, ...figures, format(ratio, 1)];
  });
  const columns = ["signed by", "making µs", "from–to", "checking µs", "from–to", "times HS256"];
  return renderTable("Making a token, and checking one that isn't remembered", columns, rows);
}

const subject = { userId: randomUUID(), sessionId: randomUUID(), appId: "wxbench" };

async function tokensBy(file: string | undefined): Promise<AccessTokens> {
  const { accessKeysOf } = await import("../../build/tokens/access-keys.js");
  const { createAccessTokens } = await import("../../build/tokens/access-tokens.js");
  const { createKeyRing } = await import("../../build/tokens/keys.js");
  const { readSigningKey } = await import("../../build/tokens/signing-keys.js");
  const jwtKeys = file === undefined ? undefined : { secretSigns: false, keys: [readSigningKey(file)] as const };
  const keys = accessKeysOf(createKeyRing(["bench-secret-Zp3vR8xkW1nQ6tYd0LsHc5Jf"]), jwtKeys);
  return createAccessTokens({ keys, issuer: "http://127.0.0.1:4000", ttlSeconds: 7_200, now: () => new Date() });
}

/** What one run takes of so many. */
function microsecondsOf(run: (index: number) => unknown): number {
  const began = performance.now();
  for (let index = 0; index < tokensPerRound; index++) run(index);
  return ((performance.now() - began) * 1_000) / tokensPerRound;
}
