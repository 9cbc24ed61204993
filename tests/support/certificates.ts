import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A certificate in PEM, alone and with those that it needs behind it. */
export interface Certificate {
  key: string;
  alone: string;
  withChain: string;
}

/** An authority that lets another one sign in its place, as those of the public do. */
export interface Authority {
  /** The file that whoever trusts this authority has. */
  root: string;
  /** A certificate for a name, good from and until so many days from now. */
  certify(name: string, days?: readonly [from: number, until: number]): Certificate;
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

const config = `
[ca]
default_ca = between
[between]
certificate = between.crt
private_key = between.key
database = index
serial = serial
new_certs_dir = .
default_md = sha256
unique_subject = no
copy_extensions = copy
policy = names
[names]
commonName = supplied
`;

/** A time so many days from now, as openssl takes it. */
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, "");

/** Makes an authority, in a new folder. */
export function createAuthority(folder: string): Authority {
  mkdirSync(folder);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  const authority = (name: string, ...signed: string[]) =>
    openssl(
      "req",
      "-x509",
      ...newKey,
      ...signed,
      "-subj",
      `/CN=${name}`,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.crt`,
    );
  authority("root");
  authority("between", "-CA", "root.crt", "-CAkey", "root.key");
  writeFileSync(join(folder, "config"), config);
  writeFileSync(join(folder, "index"), "");
  writeFileSync(join(folder, "serial"), "01");
  return {
    root: join(folder, "root.crt"),
    certify(name, [from, until] = [-1, 90]) {
      const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
      openssl("req", "-new", ...newKey, ...subject, "-keyout", "own.key", "-out", "own.csr");
      const dates = ["-startdate", inDays(from), "-enddate", inDays(until)];
      openssl("ca", "-batch", "-notext", "-config", "config", ...dates, "-in", "own.csr", "-out", "own.crt");
      const alone = read("own.crt");
      return { key: read("own.key"), alone, withChain: alone + read("between.crt") };
    },
  };
}
