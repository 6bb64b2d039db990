import { Program } from "../core/program.js";
import type { Scenario } from "../core/scenario.js";
import { percentile, summarize } from "../core/summary.js";
import type { OpenTimes } from "../fixtures/programs/open-memory.js";

export const openMemory: Scenario = {
  name: "open-memory",
  title: "What does a store of its own cost each test?",
  async run({ workspace, effort, report, targetsOnly }) {
    if (targetsOnly) return;
    const first: number[] = [];
    const later: number[] = [];
    const whole: number[] = [];
    for (let round = 0; round < effort.rounds; round++) {
      const program = await Program.start<OpenTimes[]>(workspace, "fixtures/programs/open-memory");
      const [cold, ...warm] = program.ready;
      await program.stop();
      if (cold === undefined) throw new TypeError("No store was opened.");
      first.push(cold.openMs);
      later.push(
        percentile(
          warm.map(({ openMs }) => openMs),
          50,
        ),
      );
      whole.push(
        percentile(
          warm.map(({ wholeMs }) => wholeMs),
          50,
        ),
      );
    }
    const unit = "ms";
    report({
      what: 'open(":memory:"), median of the later ones in a process',
      unit,
      figure: summarize(later),
    });
    report({ what: 'open(":memory:"), the first in a process', unit, figure: summarize(first) });
    report({
      what: 'open(":memory:"), then a put, a get and close(), median of the later ones',
      unit,
      figure: summarize(whole),
    });
  },
};
