import { existsSync, readFileSync } from "node:fs";
import { afterAll, describe, type TestContext, test } from "vitest";
import { seedDocument } from "./seed-document.js";

interface Row {
  readonly seed: string;
  readonly program: string;
  outcome: string;
}

const rows: Row[] = [];

export interface SeedSuite {
  /** The document's text. */
  readonly text: string;
  /** Adds one program: a test, and a row of the table. */
  program(name: string, run: (context: TestContext) => Promise<void>, timeoutMs?: number): void;
}

/**
 * The programs of one document. The documents are not part of this repository. If one is missing, its
 * programs are skipped, with their name and number, even with `KVASIR_TEST_REQUIRE=all`. `examples.test.ts`
 * has programs of our own for the same contracts.
 */
export function describeSeed(
  {
    number,
    system,
    programs,
  }: { readonly number: string; readonly system: string; readonly programs: number },
  suite: (seed: SeedSuite) => void,
): void {
  const path = seedDocument(number);
  if (!existsSync(path)) {
    const row: Row = {
      seed: number,
      program: `${programs} programs of ${system}`,
      outcome: `skipped: needs the document ${path}`,
    };
    rows.push(row);
    // Inside a test, because what a file prints while it only registers skipped tests is not shown.
    test(`${system}: ${programs} programs [skipped: needs the seed document ${path}]`, ({ skip }) => skip());
    return;
  }
  describe(`${system} (seed ${number})`, () => {
    let registered = 0;
    suite({
      text: readFileSync(path, "utf8"),
      program(name, run, timeoutMs) {
        registered++;
        const row: Row = { seed: number, program: name, outcome: "not run" };
        rows.push(row);
        test(name, { timeout: timeoutMs ?? 30_000 }, async (context) => {
          row.outcome = "failed";
          await run(context);
          row.outcome = "passes";
        });
      },
    });
    if (registered !== programs)
      throw new Error(`Seed ${number} has ${programs} programs, ${registered} are tested`);
  });
}

/** Prints the table after the file's tests. */
export function printTable(): void {
  afterAll(() => {
    const width = Math.max(...rows.map(({ program }) => program.length));
    const lines = rows.map(({ seed, program, outcome }) => `  ${seed}  ${program.padEnd(width)}  ${outcome}`);
    const passing = rows.filter(({ outcome }) => outcome === "passes").length;
    process.stdout.write(
      `\nSeed programs, unchanged on Kvasir:\n${lines.join("\n")}\n  ${passing} programs pass\n\n`,
    );
  });
}
