import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { FIRST_BUILD_TIMEOUT_MS, GO, MYPY, PYTEST } from "../functions-python-go/languages.ts";
import { describeWith } from "../requirements.ts";

/**
 * Runs each package's own tests, as a developer of the package does. Their output is the message of a
 * failure.
 */
function runs(folder: string, command: string, ...args: string[]): string {
  const cwd = fileURLToPath(new URL(`../../sdks/${folder}`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  return status === 0 ? "passed" : `${stdout}\n${stderr}`;
}

describeWith(PYTEST, "sdks/python", () => {
  it("passes its own tests", () => {
    expect(runs("python", "python3", "-m", "pytest", "-q", "-p", "no:cacheprovider")).toBe("passed");
  }, 120_000);
});

describeWith(MYPY, "sdks/python, the client's types", () => {
  it("are complete, and right, to the strictest of checks", () => {
    const types = ["--strict", "--cache-dir=/dev/null", "--exclude", "/runner/", "src/kvasir"];
    expect(runs("python", "python3", "-m", "mypy", ...types)).toBe("passed");
  }, 120_000);
});

describeWith(GO, "sdks/go", () => {
  it(
    "is formatted, vetted and passes its own tests",
    () => {
      expect(runs("go", "go", "vet", "./...")).toBe("passed");
      expect(runs("go", "go", "test", "./...")).toBe("passed");
      expect(
        spawnSync("gofmt", [
          "-l",
          fileURLToPath(new URL("../../sdks/go", import.meta.url)),
        ]).stdout.toString(),
      ).toBe("");
    },
    FIRST_BUILD_TIMEOUT_MS,
  );
});
