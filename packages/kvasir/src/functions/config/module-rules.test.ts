import { describe, expect, it } from "vitest";
import { type ModuleRule, modulePatterns } from "./module-rules.js";

function typeOf(
  specifier: string,
  rules: readonly ModuleRule[] = [],
  of: "specifier" | "file" = "specifier",
) {
  return modulePatterns(rules).active.find((pattern) => pattern[of].test(specifier))?.type;
}

describe("modulePatterns", () => {
  it.each([
    ["./a.txt", "Text"],
    ["../deep/page.html", "Text"],
    ["package/data.bin", "Data"],
    ["./add.wasm", "CompiledWasm"],
    ["./add.wasm?module", "CompiledWasm"],
    ["./a.js", undefined],
    ["a.txt", undefined],
  ])("by default, an import of %s is %s", (specifier, type) => {
    expect(typeOf(specifier)).toBe(type);
  });

  it.each([
    ["*/frontend/**", "../frontend/a.md", "Text"],
    ["*/frontend/**", "../../frontend/deep/a.md", "Text"],
    ["**/*.md", "./notes.md", "Text"],
    ["*.md", "./deep/notes.md", "Text"],
    ["./notes.md", "./notes.md", "Text"],
    ["frontend/*.md", "../frontend/a.md", undefined],
    ["a+b.md", "a+b.md", "Text"],
  ])("%s applies to the text of the import: %s is %s", (glob, specifier, type) => {
    expect(typeOf(specifier, [{ type: "Text", globs: [glob] }])).toBe(type);
  });

  it("applies to paths of additional modules with stars that stay within a folder", () => {
    const rules = [{ type: "ESModule", globs: ["lang/*.js", "lib/**/*.js"] }];
    const paths = ["lang/en.js", "lang/deep/en.js", "lib/a.js", "lib/deep/er/a.js", "lang/a.ts"];
    expect(paths.filter((path) => typeOf(path, rules, "file") === "ESModule")).toEqual([
      "lang/en.js",
      "lib/a.js",
      "lib/deep/er/a.js",
    ]);
  });

  it("lets a rule hide later ones of its type unless it falls through", () => {
    const own = { type: "Text", globs: ["**/*.md"] };
    expect(typeOf("./a.txt", [own])).toBeUndefined();
    expect(modulePatterns([own]).hidden.map(({ glob }) => glob)).toContain("**/*.txt");
    expect(typeOf("./a.txt", [{ ...own, fallthrough: true }])).toBe("Text");
    expect(typeOf("./a.bin", [own])).toBe("Data");
  });
});
