import { Api } from "../fixtures/api.js";
import { filledDirectory } from "../fixtures/filled-directory.js";
import { keyName, randomIndexes } from "../fixtures/keys.js";
import { LARGE_VALUE_BYTES, LARGE_VALUES_AT_ONCE } from "../limits.js";
import { LoadGenerator } from "../load/load-generator.js";
import { type KvasirProcess, startKvasir } from "../processes/kvasir.js";
import { anonymousBytes, canMeasureUsage, watchMemory } from "../processes/usage.js";
import type { Bench, Scenario } from "../scenario.js";
import { summarize } from "../summary.js";
import { targets } from "../targets.js";

const KEYS = 1_000_000;
/** How often each of the values that go at once is written and read. */
const LARGE_ROUNDS = 4;

export const memory: Scenario = {
  name: "memory",
  title: "How much memory does kvasir serve need beyond the page cache?",
  async run(bench) {
    if (!canMeasureUsage) {
      bench.report({
        what: "memory beyond the page cache",
        missing: "this operating system",
        reason: "only Linux tells it apart from the page cache (/proc/<pid>/smaps_rollup)",
      });
      return;
    }
    const filled = await filledDirectory(bench, KEYS);
    const kvasir = await startKvasir(bench.workspace, ["serve", "--data", filled.directory]);
    await whileReading(bench, kvasir, Api.of(kvasir.api, filled.namespace));
    await whileLargeValuesPass(bench, kvasir, await Api.create(kvasir.api, "large"));
  },
};

async function whileReading(bench: Bench, { pid, api: url }: KvasirProcess, api: Api): Promise<void> {
  const load = await LoadGenerator.start(bench.workspace);
  const paths = Array.from(randomIndexes(KEYS, 10_000), (index) => api.pathOf(keyName(index)));
  const reader = load.contestant({ url, pids: [pid], paths, headers: api.headers }, 32);
  await reader.measure(bench.effort.roundMs);
  const watched = watchMemory(pid);
  for (let round = 0; round < 3; round++) await reader.measure(bench.effort.roundMs);
  bench.report({
    what: `most memory while serving reads of ${KEYS.toLocaleString("en-US")} keys, all processes together`,
    unit: "MB",
    figure: summarize([watched.stop() / 1e6]),
    target: targets.memory,
  });
}

async function whileLargeValuesPass(bench: Bench, { pid }: KvasirProcess, api: Api): Promise<void> {
  const value = Buffer.alloc(LARGE_VALUE_BYTES, "a large value, ");
  const watched = watchMemory(pid);
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: LARGE_VALUES_AT_ONCE }, async (_, lane) => {
      for (let round = 0; round < LARGE_ROUNDS; round++) {
        await (await api.put(`large:${lane}`, value)).arrayBuffer();
        const bytes = await countBytes(await api.get(`large:${lane}`));
        if (bytes !== LARGE_VALUE_BYTES) throw new Error(`${bytes} bytes came back of ${LARGE_VALUE_BYTES}.`);
      }
    }),
  );
  const elapsedMs = performance.now() - startedMs;
  const mostMb = watched.stop() / 1e6;
  const passedMb = (2 * LARGE_VALUES_AT_ONCE * LARGE_ROUNDS * LARGE_VALUE_BYTES) / 1e6;
  bench.report({
    what: `most memory while 25 MiB values go in and out, ${LARGE_VALUES_AT_ONCE} at once`,
    unit: "MB",
    figure: summarize([mostMb]),
    notes: [
      `${Math.round(passedMb)} MB passed at ${Math.round(passedMb / (elapsedMs / 1000))} MB/s, written and read`,
      `${Math.round(anonymousBytes(pid) / 1e6)} MB are still held right after`,
    ],
  });
}

/** Reads on without holding what was read: this process shares the machine's memory with the server. */
async function countBytes(response: Response): Promise<number> {
  let bytes = 0;
  for await (const chunk of response.body ?? []) bytes += (chunk as Uint8Array).byteLength;
  return bytes;
}
