import { Program } from "../core/program.js";
import { compare } from "../core/rounds.js";
import type { Bench, Scenario } from "../core/scenario.js";
import { targets } from "../core/targets.js";
import type { NamespacesQuestion } from "../fixtures/programs/namespaces.js";

/** The numbers of existing namespaces on the two sides. */
const MANY = 20_000;
const FEW = 1000;
const FINDS = 20_000;

type NamespacesProgram = Program<string>;

export const namespaces: Scenario = {
  name: "namespaces",
  title: "What does one more namespace cost among many?",
  async run(bench) {
    const many = await start(bench, MANY);
    const few = await start(bench, 0);
    const peer = { name: "itself among few", version: "" };
    const created = await inTurns(bench, many, few, { create: FEW });
    bench.report({
      ...compare(
        {
          what: `namespaces created one after another, durably, among ${MANY.toLocaleString("en-US")}`,
          unit: "ops/s",
        },
        created.many,
        { ...peer, samples: created.few },
      ),
      target: targets.namespacesCreated,
    });
    const found = await inTurns(bench, many, few, { find: FINDS });
    bench.report({
      ...compare(
        {
          what: `namespace found by its title, embedded, among ${MANY.toLocaleString("en-US")}`,
          unit: "ops/s",
        },
        found.many,
        { ...peer, samples: found.few },
      ),
      target: targets.namespacesFound,
    });
  },
};

async function start({ workspace }: Bench, count: number): Promise<NamespacesProgram> {
  const directory = await workspace.directory("namespaces");
  const program: NamespacesProgram = await Program.start(workspace, "fixtures/programs/namespaces", {
    args: [directory],
  });
  if (count > 0) await program.ask({ create: count } satisfies NamespacesQuestion);
  return program;
}

/**
 * Measures after one round that does not count. So the side with few namespaces has some thousands at most.
 */
async function inTurns(
  { effort }: Bench,
  many: NamespacesProgram,
  few: NamespacesProgram,
  question: NamespacesQuestion,
): Promise<{ readonly many: number[]; readonly few: number[] }> {
  const rates = { many: [] as number[], few: [] as number[] };
  for (let round = 0; round <= effort.rounds; round++) {
    const amongMany = await many.ask<number>(question);
    const amongFew = await few.ask<number>(question);
    if (round === 0) continue;
    rates.many.push(amongMany);
    rates.few.push(amongFew);
  }
  return rates;
}
