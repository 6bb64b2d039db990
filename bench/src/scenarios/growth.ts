import { filledDirectory } from "../fixtures/filled-directory.js";
import { Program } from "../processes/program.js";
import { race } from "../rounds.js";
import type { Scenario } from "../scenario.js";
import { targets } from "../targets.js";

export const growth: Scenario = {
  name: "growth",
  title: "What does a read cost in a large namespace against a small one?",
  async run(bench) {
    const { workspace } = bench;
    const start = async (count: number) => {
      const { directory } = await filledDirectory(bench, count);
      return Program.start(workspace, "growth", { args: [directory, String(count)] });
    };
    const [SMALL = 0, large = 0] = [bench.effort.growth[0], bench.effort.growth.at(-1)];
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
        },
        measureIn(inLarge),
        [
          {
            peer: { name: `itself among ${SMALL.toLocaleString("en-US")} keys`, version: "" },
            contestant: measureIn(inSmall),
            target: operation === "get" ? targets.getGrowth : targets.listGrowth,
          },
        ],
      );
    }
  },
};
