import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findPython } from "./interpreter.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kvasir-python-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(path: string): string {
  const absolute = join(folder, path);
  mkdirSync(dirname(absolute), { recursive: true });
  writeFileSync(absolute, "");
  chmodSync(absolute, 0o755);
  return absolute;
}

describe("findPython", () => {
  it("prefers what KVASIR_PYTHON names, then the function's own environment, then the PATH", () => {
    const onPath = program("bin/python3");
    const environment = { PATH: `${folder}/nowhere:${folder}/bin` };
    expect(findPython(folder, environment)).toBe(onPath);
    const own = program(".venv/bin/python");
    expect(findPython(folder, environment)).toBe(own);
    const chosen = program("chosen/python");
    expect(findPython(folder, { ...environment, KVASIR_PYTHON: chosen })).toBe(chosen);
  });

  it("takes the environment of a project above it, then an activated one", () => {
    const onPath = program("bin/python3");
    const above = program(".venv/bin/python");
    const active = program("active/bin/python");
    const inner = join(folder, "apps", "shop");
    const environment = { PATH: dirname(onPath) };
    expect(findPython(inner, environment)).toBe(onPath);
    expect(findPython(inner, { ...environment, VIRTUAL_ENV: join(folder, "active") })).toBe(active);
    writeFileSync(join(folder, "pyproject.toml"), "");
    expect(findPython(inner, { ...environment, VIRTUAL_ENV: join(folder, "active") })).toBe(above);
  });

  it("says what to do where there is none", () => {
    expect(() => findPython(folder, { PATH: "" })).toThrow("there is no python3 on the PATH");
    expect(() => findPython(folder, { KVASIR_PYTHON: "/nowhere" })).toThrow("does not exist");
  });
});
