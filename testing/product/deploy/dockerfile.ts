import { readFileSync } from "node:fs";

export interface Instruction {
  readonly name: string;
  readonly value: string;
}

/** A Dockerfile's instructions, in their order. Flags are part of the value. */
export function readDockerfile(path: string): readonly Instruction[] {
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .join("\n")
    .replace(/\\\n\s*/g, "")
    .split("\n");
  return lines.map((line) => {
    const [, name = "", value = ""] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === "") throw new Error(`Not an instruction: ${line}`);
    return { name, value };
  });
}

/** The stages of the build: each begins with FROM. */
export function stagesOf(instructions: readonly Instruction[]): readonly (readonly Instruction[])[] {
  const stages: Instruction[][] = [];
  for (const instruction of instructions) {
    if (instruction.name === "FROM") stages.push([]);
    stages.at(-1)?.push(instruction);
  }
  return stages;
}

/** The only instruction of a name in a stage. */
export function only(stage: readonly Instruction[], name: string): string {
  const found = stage.filter((instruction) => instruction.name === name);
  if (found.length !== 1) throw new Error(`${found.length} times ${name}`);
  return found[0]?.value ?? "";
}

/** The words of an instruction in its JSON form, after its flags. */
export function words(value: string): readonly string[] {
  return JSON.parse(value.slice(value.indexOf("["))) as string[];
}
