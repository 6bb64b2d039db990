import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApi, type TestApi } from "../../harness/api.js";
import { CloudflareMock } from "../../harness/cloudflare/api.js";
import { kvasir } from "../../harness/command.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";
import { storeIn } from "./copied.js";

const mock = new CloudflareMock();
let server: TestApi;
beforeAll(async () => {
  await mock.start();
  mock.create("sessions");
  server = await openApi({ auth: { mode: "tokens", adminToken: "the-token" } });
});
afterAll(async () => {
  await mock.stop();
  await server.stop();
});

interface Mistake {
  /** `SERVER`, `ID` and `ACCOUNT` stand for what is there. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly says: string;
  readonly advises: string;
}

const NO_ID = "f".repeat(32);
const MISTAKES: Readonly<Record<string, Mistake>> = {
  "no --from": { args: ["--to", "d#x"], says: "--from is missing.", advises: "--from" },
  "no --to": { args: ["--from", "d#main"], says: "--to is missing.", advises: "--to" },
  "no namespace": {
    args: ["--from", "d", "--to", "e#x"],
    says: '--from "d" names no namespace.',
    advises: "d#NAMESPACE",
  },
  "no account": {
    args: ["--from", "cloudflare:sessions", "--to", "e#x"],
    env: { CLOUDFLARE_ACCOUNT_ID: "" },
    says: '--from "cloudflare:sessions" names no account.',
    advises: "CLOUDFLARE_ACCOUNT_ID",
  },
  "a URL that is not one": {
    args: ["--from", "d#main", "--to", "http://:99999#x"],
    says: "is not a URL.",
    advises: "http://127.0.0.1:8788#NAMESPACE",
  },
  "an engine that is not there": {
    args: ["--from", "d#main", "--to", "nosuch://u:secret@h:1#x"],
    says: "no engine for nosuch://",
    advises: "data directory",
  },
  "the same locator twice": {
    args: ["--from", "d#main", "--to", "d#main"],
    says: "--from and --to are both d#main.",
    advises: "another namespace",
  },
  "the same namespace by title and id": {
    args: ["--from", "d#main", "--to", "./d#ID"],
    says: "are the same namespace.",
    advises: "another namespace",
  },
  "the same namespace at Cloudflare": {
    args: ["--from", "cloudflare:sessions", "--to", "cloudflare:ACCOUNT/sessions"],
    says: "--from and --to are both cloudflare:",
    advises: "another namespace",
  },
  "no data": {
    args: ["--from", "nowhere#main", "--to", "e#x"],
    says: "There is no data in nowhere.",
    advises: "--from",
  },
  "a file in place of a directory": {
    args: ["--from", "d#main", "--to", "file#x"],
    says: "file is not a folder.",
    advises: "folder",
  },
  "no such namespace in a directory": {
    args: ["--from", "d#nope", "--to", "e#x"],
    says: 'There is no namespace "nope" in d.',
    advises: "kvasir kv namespace list --data d",
  },
  "no such id to copy to": {
    args: ["--from", "d#main", "--to", `e#${NO_ID}`],
    says: `There is no namespace "${NO_ID}" in e.`,
    advises: "namespace list",
  },
  "no such namespace at a server": {
    args: ["--from", "SERVER#nope", "--to", "e#x"],
    env: { KVASIR_TOKEN: "the-token" },
    says: 'There is no namespace "nope" at http://',
    advises: "namespace list",
  },
  "no such namespace at Cloudflare": {
    args: ["--from", "cloudflare:nope", "--to", "e#x"],
    says: 'There is no namespace "nope" in the account',
    advises: "wrangler kv namespace list",
  },
  "no such id at Cloudflare": {
    args: ["--from", "d#main", "--to", `cloudflare:${NO_ID}`],
    says: `There is no namespace "${NO_ID}" in the account`,
    advises: "wrangler kv namespace list",
  },
  "no token for a server": {
    args: ["--from", "SERVER#main", "--to", "e#x"],
    says: "needs a token.",
    advises: "KVASIR_FROM_TOKEN",
  },
  "a wrong token for a server": {
    args: ["--from", "d#main", "--to", "SERVER#x"],
    env: { KVASIR_TO_TOKEN: "wrong-one" },
    says: "refuses this token",
    advises: "KVASIR_TO_TOKEN",
  },
  "no token for Cloudflare": {
    args: ["--from", "cloudflare:sessions", "--to", "e#x"],
    env: { CLOUDFLARE_API_TOKEN: "" },
    says: "Cloudflare needs a token.",
    advises: "CLOUDFLARE_API_TOKEN",
  },
  "a wrong token for Cloudflare": {
    args: ["--from", "cloudflare:sessions", "--to", "e#x"],
    env: { CLOUDFLARE_API_TOKEN: "wrong-one" },
    says: "Cloudflare does not accept the token",
    advises: "Workers KV Storage",
  },
  "a wrong account": {
    args: ["--from", "cloudflare:otheraccount/sessions", "--to", "e#x"],
    says: "The token may not do this in the account otheraccount",
    advises: "wrangler whoami",
  },
  "a server that is not there": {
    args: ["--from", "http://127.0.0.1:9#main", "--to", "e#x"],
    says: "There is no Kvasir at http://127.0.0.1:9.",
    advises: "--from",
  },
  "a Cloudflare that is not there": {
    args: ["--from", "cloudflare:sessions", "--to", "e#x"],
    env: { CLOUDFLARE_API_BASE_URL: "http://127.0.0.1:9/client/v4" },
    says: "Cloudflare's API at 127.0.0.1:9 cannot be reached",
    advises: "CLOUDFLARE_API_BASE_URL",
  },
  "an address that is not Cloudflare's": {
    args: ["--from", "cloudflare:sessions", "--to", "e#x"],
    env: { CLOUDFLARE_API_BASE_URL: "SERVER" },
    says: "Cloudflare's API answered 404",
    advises: "/client/v4",
  },
  "an unknown conflict action": {
    args: ["--from", "d#main", "--to", "e#x", "--on-conflict", "ask"],
    says: "Allowed choices are overwrite, skip, fail.",
    advises: "kvasir copy --help",
  },
  "a limit of nothing": {
    args: ["--from", "d#main", "--to", "e#x", "--limit", "0"],
    says: "It must be at least 1.",
    advises: "kvasir copy --help",
  },
  "a folder as the file of --resume": {
    args: ["--from", "d#main", "--to", "e#x", "--resume", "folder"],
    says: "is a folder.",
    advises: "path of a file",
  },
};

describe("kvasir copy with", () => {
  test.each(Object.entries(MISTAKES))(
    "%s says so in one sentence, and copies nothing",
    async (name, mistake) => {
      const cwd = temporaryDirectory();
      const entry = {
        key: "a",
        value: Buffer.from("1"),
        expirationMs: null,
        metadata: null,
        contentType: null,
      };
      const id = await storeIn(join(cwd, "d"), "main", [entry]);
      writeFileSync(join(cwd, "file"), "");
      mkdirSync(join(cwd, "folder"));
      const real = (text: string) =>
        text.replace("SERVER", server.url).replace("ACCOUNT", mock.account).replace("ID", id);
      const env = Object.fromEntries(
        Object.entries({ ...mock.env, ...mistake.env }).map(([key, value]) => [key, real(value)]),
      );
      const { code, stdout, stderr } = await kvasir(["copy", ...mistake.args.map(real)], { cwd, env });
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      const lines = stderr
        .trimEnd()
        .split("\n")
        .filter((line) => !line.startsWith("Created "));
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/^error: .*\.$/);
      expect(lines[0]).toContain(mistake.says);
      expect(lines[0]).toContain(mistake.advises);
      expect(stderr).not.toMatch(/wrong-one|secret|the-token|undefined|\{/);
      const isOpened = name === "a folder as the file of --resume";
      expect(existsSync(join(cwd, "e"))).toBe(isOpened);
    },
  );
});
