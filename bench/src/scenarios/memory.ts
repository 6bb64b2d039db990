import { TARGET_KEYS } from "../core/limits.js";
import type { Scenario } from "../core/scenario.js";
import { summarize } from "../core/summary.js";
import { targets } from "../core/targets.js";
import { canMeasureUsage, memoryIsUnknown, watchMemory } from "../core/usage.js";
import { Api } from "../fixtures/api.js";
import { filledDirectory, tooManyForThis } from "../fixtures/filled-directory.js";
import { startKvasir } from "../fixtures/kvasir.js";
import { TITLE } from "../load/fill.js";
import { keyName, randomIndexes } from "../load/keys.js";
import { LoadGenerator } from "../load/load-generator.js";

const CONNECTIONS = 32;
const SECONDS = 3;

export const memory: Scenario = {
  name: "memory",
  title: "How much memory does kvasir serve need beyond the page cache?",
  async run(bench) {
    const { workspace, effort } = bench;
    const count = effort.growth.at(-1) ?? 0;
    const what = `most memory while serving reads of ${count.toLocaleString("en-US")} keys, all processes together`;
    const target = targets.memory;
    if (!canMeasureUsage) return bench.report({ what, target, ...memoryIsUnknown });

    const directory = await filledDirectory(bench, "kvasir", count);
    const { api: url, pid } = await startKvasir(workspace, ["serve", "--data", directory]);
    const api = await Api.find(url, TITLE);
    const load = await LoadGenerator.start(workspace);
    const paths = Array.from(randomIndexes(count, 10_000), (index) => api.pathOf(keyName(index)));
    const reader = load.contestant({ url, pids: [pid], paths, headers: api.headers }, CONNECTIONS);
    await reader.measure(effort.warmupMs);
    const watched = watchMemory(pid);
    await reader.measure(SECONDS * 1000);
    const figure = summarize([watched.stop() / 1e6]);
    const isTarget = count >= TARGET_KEYS;
    bench.report({ what, unit: "MB", figure, load: reader.load, ...(isTarget && { target }) });
    if (!isTarget) bench.report({ what: "the same of 10,000,000 keys", target, ...tooManyForThis });
  },
};
