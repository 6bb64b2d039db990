import { readdirSync, readFileSync } from "node:fs";

export interface Descendant {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** All descendants of a process. Linux only. */
export function descendantsOf(pid: number): Descendant[] {
  const all = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? describe(Number(name)) : []));
  const found: Descendant[] = [];
  for (let parents = [pid]; parents.length > 0; ) {
    const children = all.filter(({ parent }) => parents.includes(parent));
    found.push(...children);
    parents = children.map((child) => child.pid);
  }
  return found;
}

function describe(pid: number): Descendant[] {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    if (state === "Z") return [];
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return [{ pid, parent: Number(parent), command }];
  } catch {
    // The process has ended meanwhile.
    return [];
  }
}
