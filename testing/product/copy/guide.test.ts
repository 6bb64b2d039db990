import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BIN, ROOT } from "../../harness/checkout.js";
import { CloudflareMock } from "../../harness/cloudflare/api.js";
import { startKvasir } from "../../harness/command.js";
import { cleanEnvironment } from "../../harness/environment.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";
import { compared, storedIn } from "./copied.js";

const mock = new CloudflareMock();
beforeAll(async () => {
  await mock.start();
});
afterAll(() => mock.stop());

const GUIDE = readFileSync(join(ROOT, "docs/guides/moving-from-cloudflare.md"), "utf8");

/** The commands under a heading of the guide. */
function commandsUnder(heading: string): readonly string[] {
  const [, section = ""] = GUIDE.split(`## ${heading}\n`);
  const blocks = section.split(/^## /m)[0]?.matchAll(/^```sh\n([\s\S]*?)^```$/gm) ?? [];
  return [...blocks].flatMap(([, block = ""]) => block.trimEnd().split("\n"));
}

/** Runs a command of the guide as its reader would, with the stand-in in Cloudflare's place. */
async function run(command: string, cwd: string): Promise<string> {
  const script = command.replace(/^npx kvasir/, `"${process.execPath}" "${BIN}"`);
  const bash = spawn("bash", ["-c", script], {
    cwd,
    env: cleanEnvironment(mock.env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [bash.stdout, bash.stderr]) stream.on("data", (chunk: Buffer) => (printed += chunk));
  const code = await new Promise((resolve) => bash.once("close", resolve));
  expect(code, `${command}: ${printed}`).toBe(0);
  return printed;
}

test("moving from Cloudflare and back works as the guide says", { timeout: 90_000 }, async () => {
  const cwd = temporaryDirectory();
  const sessions = mock.create("sessions");
  sessions.put("a", "text", { metadata: { n: 1 }, expiration: 4_000_000_000 });
  sessions.put("b", Buffer.from([0, 255]));
  const [trial = "", first = "", last = "", list = "", ...none] = commandsUnder("Moving from Cloudflare");
  expect(none).toEqual([]);
  expect(await run(trial, cwd)).toContain("Would copy 2 entries");
  expect(await storedIn(join(cwd, "data"), "sessions")).toBeNull();
  expect(await run(first, cwd)).toMatch(
    /Copied 2 entries .*\nVerified: .* has 2 entries; 2 of those copied/s,
  );
  sessions.put("c", "written meanwhile");
  expect(await run(last, cwd)).toContain("Copied 3 entries");
  expect(await run(list, cwd)).toContain('"title": "sessions"');
  expect((await storedIn(join(cwd, "data"), "sessions"))?.map(({ key }) => key)).toEqual(["a", "b", "c"]);

  const before = compared(
    [...sessions.entries].map(([key, { value }]) => ({
      key,
      value,
      expirationMs: null,
      metadata: null,
      contentType: null,
    })),
  );
  sessions.entries.clear();
  const [back = "", ...more] = commandsUnder("Moving back");
  expect(more).toEqual([]);
  expect(await run(back, cwd)).toContain("Copied 3 entries");
  expect(sessions.entries.get("a")).toMatchObject({ metadata: { n: 1 }, expiration: 4_000_000_000 });
  expect([...sessions.entries].map(([key, { value }]) => [key, value.toString("latin1")])).toEqual(
    before.map(({ key, value }) => [key, value]),
  );
});

test("seeding local development works as the guide says", { timeout: 90_000 }, async () => {
  const cwd = temporaryDirectory();
  const products = mock.create("products");
  for (const key of ["shop:1", "shop:2", "secret:1"]) products.put(key, key);
  for (const [, name = "", content = ""] of GUIDE.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm)) {
    writeFileSync(join(cwd, name), content);
  }
  const [dev, copy = "", list = ""] = commandsUnder("Seeding local development with a sample of production");
  expect(dev).toBe("npx kvasir dev");
  const running = await startKvasir(["dev", "--port", "0", "--api-port", "0"], { cwd });
  expect(await run(copy, cwd)).toContain("Copied 2 entries");
  const listed = JSON.parse(await run(list, cwd)) as { name: string }[];
  expect(listed.map(({ name }) => name)).toEqual(["shop:1", "shop:2"]);
  const seen = (await (await fetch(running.functions ?? "")).json()) as { keys: { name: string }[] };
  expect(seen.keys.map(({ name }) => name)).toEqual(["shop:1", "shop:2"]);
});

test("the guide quotes what the program says", () => {
  const quoted = [...(GUIDE.split("## When something is wrong")[1] ?? "").matchAll(/^\| ([A-Z…][^|]+) \|/gm)];
  const sources = [
    "cloudflare/service-error.ts",
    "commands/copy/verify.ts",
    "commands/copy/resume-file.ts",
    "commands/copy/cloudflare-place.ts",
  ]
    .map((path) => readFileSync(join(ROOT, "packages/kvasir/src", path), "utf8"))
    .join("\n");
  expect(quoted.length).toBeGreaterThan(3);
  for (const [, text = ""] of quoted) {
    for (const part of text
      .split("…")
      .map((piece) => piece.trim())
      .filter((piece) => piece !== "")) {
      expect(sources).toContain(part);
    }
  }
});
