import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, it } from "vitest";
import { describeWith } from "../../harness/requirements.js";
import { WRANGLER_REQUIREMENT } from "../../harness/wrangler.js";
import type { Animal } from "./animal.js";
import { BY_DESIGN } from "./by-design.js";
import { ANIMALS } from "./project-copy.js";
import { underKvasir, underWrangler } from "./run-animal.js";

const PART_TIMEOUT_MS = 90_000;

interface Row {
  readonly name: string;
  readonly requests: number;
  readonly result: "equal" | "differs";
}

/** Runs one of several equal parts of the zoo under `wrangler dev` and `kvasir dev`, and compares them. */
export function describeZoo({ part, parts }: { readonly part: number; readonly parts: number }): void {
  const names = readdirSync(ANIMALS)
    .sort()
    .filter((_, index) => index % parts === part - 1);
  describeWith(WRANGLER_REQUIREMENT, `the zoo, part ${part} of ${parts}, equals wrangler dev`, () => {
    const rows: Row[] = [];
    for (const name of names) {
      it(
        name,
        async () => {
          const { default: animal } = (await import(pathToFileURL(join(ANIMALS, name, "visit.ts")).href)) as {
            default: Animal;
          };
          rows.push({ name, requests: 0, result: "differs" });
          const [theirs, ours] = await Promise.allSettled([
            underWrangler(name, animal),
            underKvasir(name, animal),
          ]);
          if (theirs.status === "rejected") throw theirs.reason;
          if (ours.status === "rejected") throw ours.reason;
          expect(ours.value).toEqual(theirs.value);
          rows[rows.length - 1] = { name, requests: theirs.value.length, result: "equal" };
        },
        PART_TIMEOUT_MS,
      );
    }
    afterAll(() =>
      console.log(
        table(
          rows,
          BY_DESIGN.filter(({ animal }) => names.includes(animal)),
        ),
      ),
    );
  });
}

function table(rows: readonly Row[], designed: typeof BY_DESIGN): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  return [
    `${"worker".padEnd(width)}  requests  result`,
    ...rows.map(
      ({ name, requests, result }) => `${name.padEnd(width)}  ${String(requests).padStart(8)}  ${result}`,
    ),
    `${designed.length} differences by design`,
    ...designed.map(({ animal, request, part, reason }) => `  ${animal} ${request ?? ""} ${part}: ${reason}`),
  ].join("\n");
}
