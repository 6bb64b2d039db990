import { closeSync, openSync, readFileSync, readSync, writeSync } from "node:fs";

/**
 * Removes a variable from this process's environment and returns its value. Child processes do not inherit
 * it, and `/proc/<pid>/environ` no longer shows it. That file shows the memory in which the kernel put the
 * environment when the process started, and every program of the same user can read it. Deleting a variable
 * does not change that memory.
 *
 * The parent process still has the variable. On systems without `/proc`, `ps` may show it.
 */
export function takeVariable(name: string): string | undefined {
  const value = process.env[name];
  if (value === undefined) return undefined;
  delete process.env[name];
  if (process.platform === "linux") eraseInitial(`${name}=${value}`);
  return value;
}

/** Call this after the variable was deleted, when nothing points to this memory any more. */
function eraseInitial(variable: string): void {
  try {
    const { start, end } = initialEnvironment();
    const memory = openSync("/proc/self/mem", "r+");
    try {
      const bytes = Buffer.alloc(end - start);
      readSync(memory, bytes, 0, bytes.length, start);
      const wanted = Buffer.from(`\0${variable}\0`);
      // Every variable but the first follows a zero. Add one so that the search finds the first too.
      const at = Buffer.concat([Buffer.alloc(1), bytes]).indexOf(wanted);
      if (at === -1) return;
      const length = wanted.length - 2;
      writeSync(memory, Buffer.alloc(length), 0, length, start + at);
    } finally {
      closeSync(memory);
    }
  } catch {
    // The kernel may forbid it. The variable then stays readable for programs of the same user.
  }
}

/** Fields 50 and 51 of `stat` (proc(5)). The text after the name in brackets begins with field 3. */
function initialEnvironment(): { start: number; end: number } {
  const stat = readFileSync("/proc/self/stat", "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { start: Number(fields[50 - 3]), end: Number(fields[51 - 3]) };
}
