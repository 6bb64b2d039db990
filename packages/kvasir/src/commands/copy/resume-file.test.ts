import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExpiryTally, NOTHING_COPIED } from "@kvasir/store";
import { describe, expect, onTestFinished, test } from "vitest";
import { type CopyIdentity, ResumeFile } from "./resume-file.js";

const IDENTITY: CopyIdentity = { from: "a#1", to: "b#2", prefix: "", limit: null };

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "kvasir-test-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe("the file of --resume", () => {
  test("is made when it is not there, and gives back what was written last", () => {
    const directory = folder();
    const file = () => new ResumeFile(join(directory, "r.json"), IDENTITY);
    expect(file().open()).toMatchObject({ after: null, totals: NOTHING_COPIED, done: false });
    const totals = { ...NOTHING_COPIED, entries: 3, written: 3, bytes: 10 };
    file().write({ after: "ä\u{1f600}", totals, expiries: new ExpiryTally([[1, 2]]), done: true });
    const found = file().open();
    expect(found).toMatchObject({ after: "ä\u{1f600}", totals, done: true });
    expect(found.expiries.counted).toEqual([[1, 2]]);
    expect(readdirSync(directory)).toEqual(["r.json"]);
  });

  test.each([
    ["from", "c#1"],
    ["to", "c#1"],
    ["prefix", "x"],
    ["limit", 5],
  ] as const)("refuses a copy with another --%s", (part, value) => {
    const path = join(folder(), "r.json");
    new ResumeFile(path, { ...IDENTITY, [part]: value }).open();
    expect(() => new ResumeFile(path, IDENTITY).open()).toThrow(
      `${path} belongs to another copy: its --${part} is ${JSON.stringify(value)}.`,
    );
  });

  test.each(["", "[]", "{}", '{"kvasir_copy":1}', '{"kvasir_export":1}', '{"kvasir_copy":2,"from":"a#1"}'])(
    "refuses %j",
    (text) => {
      const path = join(folder(), "r.json");
      writeFileSync(path, text);
      expect(() => new ResumeFile(path, IDENTITY).open()).toThrow("is not a file that --resume has written.");
    },
  );
});
