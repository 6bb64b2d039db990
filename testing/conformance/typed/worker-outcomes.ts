import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect } from "vitest";
import { sourceAliases } from "../../../scripts/source-aliases.js";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Bundles `worker.ts` into one file, from the client's source. */
export async function buildWorker(outfile: string): Promise<void> {
  await build({
    entryPoints: [here("worker.ts")],
    alias: sourceAliases("client"),
    bundle: true,
    format: "esm",
    target: "es2022",
    outfile,
  });
}

const NUMBERS = Array.from({ length: 120 }, (_, index) => index);

/** The results of `worker.ts` over any KVNamespace, by name. */
export const WORKER_OUTCOMES: readonly (readonly [name: string, outcome: unknown])[] = [
  ["getMany", NUMBERS],
  [
    "texts",
    [
      ["1", 1],
      ["2", "2"],
      ["a", "text"],
    ],
  ],
  ["list", NUMBERS.map((value) => [value, { value }])],
  ["limited", ["000", "001", "002"]],
  ["listKeys", 120],
  ["has", [true, false]],
  ["uncached", 1],
  ["bytes", 4],
  ["tooLong", expect.stringMatching(/ValidationError: .*512 bytes \(got 513 bytes\)/)],
  [
    "refused",
    expect.stringMatching(/InternalError: KV\.get failed: KV GET failed: 400 Invalid cache_ttl of 1/),
  ],
];
