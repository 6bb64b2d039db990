import { readFileSync } from "node:fs";
import { type Requirement, requireFile } from "../requirements.ts";
import { seedDocument } from "../typed/seed-document.ts";

const DOCUMENT = seedDocument("001");

/** The document whose programs run here unchanged; it is not part of the repository. */
export const SEED: Requirement = requireFile("the seed document 001", DOCUMENT);

export type Pattern = "session" | "cache" | "flags";

/** The document's program for a pattern in a language, as it stands there, without the indentation of its tab. */
export function seedProgram(pattern: Pattern, language: "python" | "go"): string {
  const blocks = [...readFileSync(DOCUMENT, "utf8").matchAll(/^( *)```(\w+)[^\n]*\n([\s\S]*?)^\1```$/gm)];
  const programs = blocks
    .filter(([, , name]) => name === language)
    .map(([, indent = "", , code = ""]) => code.replace(new RegExp(`^${indent}`, "gm"), ""));
  const program = programs[["session", "cache", "flags"].indexOf(pattern)];
  if (program === undefined) throw new Error(`${DOCUMENT} has no ${language} program for ${pattern}`);
  return program;
}
