import { readdirSync, readFileSync } from "node:fs";

export interface Usage {
  /** Memory of the server's processes that does not belong to files, in bytes. */
  readonly residentBytes: number;
  readonly descriptors: number;
}

/** What a server and its children use of the machine (Linux). Zero once they have ended. */
export function usageOf(pid: number): Usage {
  let [residentBytes, descriptors] = [0, 0];
  for (const each of [pid, ...childrenOf(pid)]) {
    const kibibytes = /^RssAnon:\s+(\d+) kB/m.exec(read(`/proc/${each}/status`))?.[1] ?? 0;
    residentBytes += Number(kibibytes) * 1024;
    descriptors += countOf(`/proc/${each}/fd`);
  }
  return { residentBytes, descriptors };
}

/**
 * Processor time that the event loops of a server and its children have used, in milliseconds (Linux, which
 * counts in hundredths of a second). It covers main threads only, without the threads that collect garbage
 * and write to disk.
 */
export function processorMsOf(pid: number): number {
  return [pid, ...childrenOf(pid)]
    .map((each) => read(`/proc/${each}/task/${each}/stat`).split(") ")[1]?.split(" ") ?? [])
    .reduce((sum, fields) => sum + 10 * (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)), 0);
}

function childrenOf(pid: number): number[] {
  const text = read(`/proc/${pid}/task/${pid}/children`).trim();
  return text === "" ? [] : text.split(" ").map(Number);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function countOf(folder: string): number {
  try {
    return readdirSync(folder).length;
  } catch {
    return 0;
  }
}
