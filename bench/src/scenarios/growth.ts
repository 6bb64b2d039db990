import { filledDirectory } from "../fixtures/filled-directory.js";
import { WARMUP_MS } from "../limits.js";
import { Program } from "../processes/program.js";
import { race } from "../rounds.js";
import { ratioAtMost } from "../row.js";
import type { Scenario } from "../scenario.js";

const SMALL = 10_000;
const LARGE = 1_000_000;
const LARGE_FULL = 10_000_000;

export const growth: Scenario = {
  name: "growth",
  title: "What does a read cost in a large namespace against a small one?",
  async run(bench) {
    const { workspace } = bench;
    const start = async (count: number) => {
      const { directory } = await filledDirectory(bench, count);
      return Program.start(workspace, "growth", { args: [directory, String(count)] });
    };
    const large = bench.full ? LARGE_FULL : LARGE;
    const [inLarge, inSmall] = [await start(large), await start(SMALL)];
    for (const operation of ["get", "list"] as const) {
      const measureIn = (program: Program) => ({
        measure: (ms: number) => program.ask<number>({ operation, ms }),
      });
      await race(
        bench,
        {
          what: `${operation === "get" ? "get" : "list page of 1,000"} among ${large.toLocaleString("en-US")} keys`,
          unit: "µs",
          target: ratioAtMost(1.5),
        },
        {
          ours: measureIn(inLarge),
          peer: {
            name: `itself among ${SMALL.toLocaleString("en-US")} keys`,
            version: "",
            ...measureIn(inSmall),
          },
        },
        { warmupMs: WARMUP_MS },
      );
    }
    if (!bench.full) {
      bench.report({
        what: "get and list among 10,000,000 keys",
        missing: "itself among 10,000 keys",
        reason: "filling takes minutes; npm run bench -- --full growth does it",
      });
    }
  },
};
