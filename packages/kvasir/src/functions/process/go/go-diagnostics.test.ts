import { describe, expect, it } from "vitest";
import { compilerProblems } from "./go-diagnostics.js";

const problems = (text: string) => compilerProblems({ text, folder: "/build/x", main: "/src/fn.go" });

describe("compilerProblems", () => {
  it("reads places, also relative ones, and joins what belongs together", () => {
    expect(
      problems(`# function
../../src/fn.go:3:5: undefined: a
/src/other.go:7: no column
/src/fn.go:9:2: cannot use x
\thave (int)
\twant (string)
`),
    ).toEqual([
      { file: "/src/fn.go", line: 3, column: 5, message: "undefined: a" },
      { file: "/src/other.go", line: 7, column: 1, message: "no column" },
      { file: "/src/fn.go", line: 9, column: 2, message: "cannot use x have (int) want (string)" },
    ]);
  });

  it("takes what names no place for a problem of the function's file", () => {
    expect(problems("go: module x: not found\n")).toEqual([
      { file: "/src/fn.go", line: 0, column: 1, message: "go: module x: not found" },
    ]);
    expect(problems("")[0]?.message).toContain("does not compile");
  });

  it.each([
    [
      "/src/fn.go:4:2: cannot find module providing package example.com/a/b: module lookup disabled by GOPROXY=off",
      "the package example.com/a/b is not in go.mod: run `go get example.com/a/b`",
    ],
    [
      "/src/fn.go:4:2: no required module provides package example.com/a; to add it:",
      "the package example.com/a is not in go.mod: run `go get example.com/a`",
    ],
    [
      "go: example.com/a@v1.2.3: module lookup disabled by GOPROXY=off",
      "example.com/a@v1.2.3 is not on this machine: run `go mod download`",
    ],
    [
      "/src/fn.go:4:2: module lookup disabled by GOPROXY=off",
      "a module of go.mod is not on this machine: run `go mod download`",
    ],
  ])("says how to get a missing module: %s", (text, message) => {
    expect(problems(text)[0]?.message).toBe(message);
  });

  it("stops at ten", () => {
    expect(problems("/a.go:1:1: x\n".repeat(50))).toHaveLength(10);
  });
});
