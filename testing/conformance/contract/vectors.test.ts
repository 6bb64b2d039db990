import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect, connectAdmin, type KVNamespace } from "@kvasir/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { KvasirProcess } from "../../harness/kvasir-process.js";
import { FIRST_BUILD_TIMEOUT_MS } from "../../harness/limits.js";
import { codeOf, perform } from "./perform.js";
import { resolved, type Saved, type Step, type Vector } from "./vector.js";

const FILE = fileURLToPath(new URL("../vectors/operations.json", import.meta.url));
const VECTORS = JSON.parse(readFileSync(FILE, "utf8")) as Vector[];

const data = mkdtempSync(join(tmpdir(), "kvasir-vectors-"));
let server: KvasirProcess;

beforeAll(async () => {
  const args = ["serve", "--no-auth", "--api-port", "0", "--data", data];
  server = KvasirProcess.launch(args);
  await server.ready({ msMax: FIRST_BUILD_TIMEOUT_MS });
});
afterAll(async () => {
  await server.stop();
  rmSync(data, { recursive: true });
});

it.each(VECTORS)("a TypeScript client of a server: $what", async ({ what, namespace, steps }) => {
  const admin = connectAdmin({ url: server.api });
  const id = namespace ?? (await admin.namespaces.create(what)).id;
  await run(connect({ url: server.api, namespace: id }), steps, {});
});

async function run(kv: KVNamespace, steps: readonly Step[], saved: Saved): Promise<void> {
  const known: Record<string, unknown> = { ...saved };
  for (const step of steps) {
    if (step.do === "each") {
      for (const $each of step.of ?? []) await run(kv, step.steps ?? [], { ...known, $each });
      continue;
    }
    const { gives, fails, ...args } = step;
    const where = JSON.stringify(step).slice(0, 200);
    const done = await perform(kv, resolved(args, known) as Step).catch((error: unknown) => ({ error }));
    if ("error" in done) {
      if (fails === undefined) throw done.error;
      expect([fails].flat(), where).toContain(codeOf(done.error));
      continue;
    }
    expect(fails, `${where} succeeded`).toBeUndefined();
    if (gives !== undefined)
      expect({ result: done.gives }, where).toMatchObject({ result: resolved(gives, known) });
    if (step.as !== undefined) known[`$${step.as}`] = done.save;
  }
}
