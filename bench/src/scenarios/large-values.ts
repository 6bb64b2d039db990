import { LARGE_ROUNDS, LARGE_VALUE_BYTES, LARGE_VALUES_AT_ONCE } from "../core/limits.js";
import type { Scenario } from "../core/scenario.js";
import { summarize } from "../core/summary.js";
import { anonymousBytes, canMeasureUsage, memoryIsUnknown, watchMemory } from "../core/usage.js";
import { Api } from "../fixtures/api.js";
import { startKvasir } from "../fixtures/kvasir.js";

export const largeValues: Scenario = {
  name: "large-values",
  title: "What do values of 25 MiB cost, the largest that there are?",
  async run(bench) {
    const { workspace } = bench;
    const data = await workspace.directory("large");
    const { api: url, pid } = await startKvasir(workspace, ["serve", "--data", data]);
    const api = await Api.create(url, "large");
    const value = Buffer.alloc(LARGE_VALUE_BYTES, "a large value, ");
    const timesMs = { in: [] as number[], out: [] as number[] };

    const pass = async (key: string) => {
      const startedMs = performance.now();
      await (await api.put(key, value)).arrayBuffer();
      const writtenMs = performance.now();
      const bytes = await countBytes(await api.get(key));
      if (bytes !== LARGE_VALUE_BYTES) throw new Error(`${bytes} bytes came back of ${LARGE_VALUE_BYTES}.`);
      timesMs.in.push(writtenMs - startedMs);
      timesMs.out.push(performance.now() - writtenMs);
    };
    await pass("warm-up");
    timesMs.in.length = 0;
    timesMs.out.length = 0;
    for (let round = 0; round < LARGE_ROUNDS; round++) await pass("alone");
    bench.report({ what: "durable PUT of 25 MiB, alone", unit: "ms", figure: summarize(timesMs.in) });
    bench.report({ what: "GET of 25 MiB, alone", unit: "ms", figure: summarize(timesMs.out) });

    const what = `most memory while 25 MiB values go in and out, ${LARGE_VALUES_AT_ONCE} at once`;
    if (!canMeasureUsage) return bench.report({ what, ...memoryIsUnknown });
    const watched = watchMemory(pid);
    const startedMs = performance.now();
    const lane = async (key: string) => {
      for (let round = 0; round < LARGE_ROUNDS; round++) await pass(key);
    };
    await Promise.all(Array.from({ length: LARGE_VALUES_AT_ONCE }, (_, index) => lane(`large:${index}`)));
    const seconds = (performance.now() - startedMs) / 1000;
    const passedMb = (2 * LARGE_VALUES_AT_ONCE * LARGE_ROUNDS * LARGE_VALUE_BYTES) / 1e6;
    bench.report({
      what,
      unit: "MB",
      figure: summarize([watched.stop() / 1e6]),
      notes: [
        `${Math.round(passedMb)} MB passed at ${Math.round(passedMb / seconds)} MB/s, written and read`,
        `${Math.round(anonymousBytes(pid) / 1e6)} MB are still held right after`,
      ],
    });
  },
};

/**
 * Reads the response without keeping it, because this process shares the machine's memory with the server.
 */
async function countBytes(response: Response): Promise<number> {
  let bytes = 0;
  for await (const chunk of response.body ?? []) bytes += (chunk as Uint8Array).byteLength;
  return bytes;
}
