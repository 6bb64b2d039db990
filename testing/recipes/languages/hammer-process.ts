import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A process that does jobs, one for each line of input. */
export interface HammerProcess {
  run<Result>(job: Readonly<Record<string, unknown>>): Promise<Result>;
  end(): Promise<void>;
}

/** Starts a process and waits for its first line, which says that it is ready. */
export async function startHammer(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<HammerProcess> {
  const child: ChildProcess = spawn(command, args, { env: { ...process.env, ...environment } });
  const ended = once(child, "close");
  let errors = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const lines = createInterface({ input: child.stdout as NonNullable<ChildProcess["stdout"]> })[
    Symbol.asyncIterator
  ]();
  const nextLine = async () => {
    const { value, done } = await lines.next();
    if (!done) return value;
    await ended;
    throw new Error(`${command} ended early: ${errors}`);
  };
  await nextLine();
  return {
    async run(job) {
      child.stdin?.write(`${JSON.stringify(job)}\n`);
      return JSON.parse(await nextLine());
    },
    async end() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
