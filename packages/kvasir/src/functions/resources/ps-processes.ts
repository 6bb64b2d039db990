import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { ProcessActivity, ProcessReader } from "./process-reader.js";

const run = promisify(execFile);

/** Uses `ps`, which macOS and the BSDs have. It does not report how long a process waited for a CPU. */
export class PsProcesses implements ProcessReader {
  readonly isCostly = true;

  async memoryBytes(pid: number): Promise<number | undefined> {
    const [rss] = await columns(pid, "rss=");
    return rss === undefined ? undefined : Number(rss) * 1024;
  }

  async activity(pid: number): Promise<ProcessActivity | undefined> {
    const [state = "", time] = await columns(pid, "state=,time=");
    if (time === undefined) return undefined;
    return { cpuMs: cpuTimeMs(time), waitedMs: new Map(), held: /^[TU]/.test(state) };
  }
}

async function columns(pid: number, format: string): Promise<string[]> {
  try {
    const { stdout } = await run("ps", ["-o", format, "-p", String(pid)]);
    return stdout.trim().split(/\s+/);
  } catch {
    return [];
  }
}

/** `[days-][hours:]minutes:seconds[.hundredths]` */
export function cpuTimeMs(text: string): number {
  const [days, clock = text] = text.includes("-") ? text.split("-") : ["0", text];
  const seconds = clock.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round((Number(days) * 86_400 + seconds) * 1000);
}
