import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../../harness/checkout.js";
import { GO, PYTEST, PYTHON_FRAMEWORKS, STATICCHECK } from "../../harness/languages.js";
import { FIRST_BUILD_TIMEOUT_MS } from "../../harness/limits.js";
import { allOf, describeWith } from "../../harness/requirements.js";

/**
 * Runs each package's own tests, as a developer of the package does. Their output is the message of a
 * failure.
 */
function runs(folder: string, command: string, ...args: string[]): string {
  const cwd = join(ROOT, "sdks", folder);
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  return status === 0 ? "passed" : `${stdout}\n${stderr}`;
}

const pytest = (...args: string[]) =>
  runs("python", "python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", ...args);

describeWith(PYTEST, "sdks/python", () => {
  it("passes its own tests", () => {
    expect(pytest("--ignore", "tests/test_frameworks.py")).toBe("passed");
  }, 240_000);
});

describeWith(PYTHON_FRAMEWORKS, "sdks/python, applications of FastAPI and Flask", () => {
  it("run as they are", () => {
    expect(pytest("tests/test_frameworks.py")).toBe("passed");
  }, 240_000);
});

describeWith(GO, "sdks/go", () => {
  it(
    "is formatted, vetted and passes its own tests",
    () => {
      expect(runs("go", "go", "vet", "./...")).toBe("passed");
      // Not from the cache, which does not know the server and the vectors.
      expect(runs("go", "go", "test", "-count=1", "./...")).toBe("passed");
      expect(spawnSync("gofmt", ["-l", join(ROOT, "sdks/go")]).stdout.toString()).toBe("");
    },
    FIRST_BUILD_TIMEOUT_MS,
  );
});

describeWith(allOf(GO, STATICCHECK), "sdks/go, by staticcheck", () => {
  it("has nothing to report", () => {
    expect(runs("go", "staticcheck", "./...")).toBe("passed");
  }, 240_000);
});
