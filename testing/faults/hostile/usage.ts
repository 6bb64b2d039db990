import { readdirSync, readFileSync } from "node:fs";

export interface Usage {
  /** Memory of the server's processes that is not a file's, in bytes. */
  readonly residentBytes: number;
  readonly descriptors: number;
}

/** What a server and its children take from the machine (Linux). */
export function usageOf(pid: number): Usage {
  let [residentBytes, descriptors] = [0, 0];
  for (const each of [pid, ...childrenOf(pid)]) {
    residentBytes +=
      Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${each}/status`, "utf8"))?.[1]) * 1024;
    descriptors += readdirSync(`/proc/${each}/fd`).length;
  }
  return { residentBytes, descriptors };
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return text === "" ? [] : text.split(" ").map(Number);
}
