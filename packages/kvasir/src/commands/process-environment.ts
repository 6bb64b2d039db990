import { closeSync, openSync, readFileSync, readSync, writeSync } from "node:fs";

/**
 * Takes a variable out of this process's environment: nothing that is started from here inherits it, and
 * `/proc/<pid>/environ` no longer shows it. That file is the memory in which the kernel put the environment
 * at the start of the process; removing a variable leaves it as it is, and every program of the same user can
 * read it.
 *
 * Does not reach the process that started this one, nor systems without `/proc`, where `ps` may show it.
 */
export function takeVariable(name: string): string | undefined {
  const value = process.env[name];
  if (value === undefined) return undefined;
  delete process.env[name];
  if (process.platform === "linux") eraseInitial(`${name}=${value}`);
  return value;
}

/** Only after the variable is gone: nothing points to this memory then. */
function eraseInitial(variable: string): void {
  try {
    const { start, end } = initialEnvironment();
    const memory = openSync("/proc/self/mem", "r+");
    try {
      const bytes = Buffer.alloc(end - start);
      readSync(memory, bytes, 0, bytes.length, start);
      const wanted = Buffer.from(`\0${variable}\0`);
      // With a zero before the first variable all begin the same way.
      const at = Buffer.concat([Buffer.alloc(1), bytes]).indexOf(wanted);
      if (at === -1) return;
      const length = wanted.length - 2;
      writeSync(memory, Buffer.alloc(length), 0, length, start + at);
    } finally {
      closeSync(memory);
    }
  } catch {
    // Where the kernel does not allow it the variable stays readable, as it is for every other program.
  }
}

/** Fields 50 and 51 of `stat` (proc(5)), counted from the third, which follows the name in brackets. */
function initialEnvironment(): { start: number; end: number } {
  const stat = readFileSync("/proc/self/stat", "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { start: Number(fields[50 - 3]), end: Number(fields[51 - 3]) };
}
