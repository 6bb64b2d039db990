import { describe, expect, it } from "vitest";
import { moduleTypes } from "./module-rules.js";

describe("moduleTypes", () => {
  it.each([
    ["a.txt", "Text"],
    ["deep/er/page.html", "Text"],
    ["q.sql", "Text"],
    ["blob.bin", "Data"],
    ["lib/add.wasm", "CompiledWasm"],
    ["lib/add.wasm?module", "CompiledWasm"],
    ["lib\\windows.wasm", "CompiledWasm"],
    ["index.ts", undefined],
    ["txt", undefined],
  ])("knows %s without any rule", (path, type) => {
    expect(moduleTypes([])(path)).toBe(type);
  });

  it("hides later rules of a type, unless a rule falls through", () => {
    const markdown = { type: "Text", globs: ["**/*.md"] };
    expect(moduleTypes([markdown])("a.txt")).toBeUndefined();
    expect(moduleTypes([{ ...markdown, fallthrough: true }])("a.txt")).toBe("Text");
    expect(moduleTypes([markdown])("a.bin")).toBe("Data");
  });

  it.each([
    ["*.md", "docs/a.md", true],
    ["docs/*.md", "docs/a.md", true],
    ["docs/*.md", "docs/x/a.md", false],
    ["./docs/**/*.md", "docs/x/a.md", true],
    ["docs/**", "docs/x/a.md", true],
    ["**/*.m(d)", "a.md", false],
  ])("matches %s against %s: %s", (glob, path, matches) => {
    expect(moduleTypes([{ type: "Text", globs: [glob] }])(path) === "Text").toBe(matches);
  });
});
