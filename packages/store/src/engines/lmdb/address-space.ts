import { closeSync, openSync, readFileSync } from "node:fs";
import { KvError } from "@kvasir/client/namespace";
import { ADDRESS_SPACE_SPARE_BYTES, DESCRIPTORS_PER_STORE, DIRECTORIES_OPEN_MAX } from "./limits.js";

/**
 * Refuses to open data for which the process lacks address space or file descriptors. The binding would end
 * the process with a signal when it cannot map the file into memory or runs out of file descriptors while
 * opening.
 *
 * @param name The data to open, as error messages name it.
 * @throws KvError `unavailable`
 */
export function assertOpenable(name: string, mapBytes: number): void {
  const free = freeAddressBytes();
  if (free < mapBytes + ADDRESS_SPACE_SPARE_BYTES) {
    throw new KvError(
      "unavailable",
      `${name} cannot be opened: it needs ${mapBytes} bytes of address space, and this process may take ${free} more.`,
      { hint: "Raise the limit (`ulimit -v unlimited`); the space takes no memory until data fills it." },
    );
  }
  assertDescriptorsFree(name);
}

/**
 * A large map needs an unbroken gap in the address space.
 *
 * @param directories The number of data directories that this process already has open.
 * @throws KvError `unavailable`
 */
export function assertGap(name: string, mapBytes: number, directories: number): void {
  const gap = largestGapBytes() ?? (directories < DIRECTORIES_OPEN_MAX ? Number.POSITIVE_INFINITY : 0);
  if (gap >= mapBytes) return;
  throw new KvError(
    "unavailable",
    `${name} cannot be opened: this process has ${directories} data directories open, and no address space for more.`,
    { hint: "Close some of them first, or keep the data as namespaces of one directory." },
  );
}

function assertDescriptorsFree(name: string): void {
  const opened: number[] = [];
  try {
    while (opened.length < DESCRIPTORS_PER_STORE) opened.push(openSync(process.execPath, "r"));
  } catch (cause) {
    throw new KvError("unavailable", `${name} cannot be opened: this process has too many open files.`, {
      hint: "Close some files or stores, or raise the limit (`ulimit -n`).",
      cause,
    });
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

/** The address space left under this process's limit. Only Linux reports the limit. */
function freeAddressBytes(): number {
  const limit = /^Max address space +(\d+)/m.exec(procFile("limits"))?.[1];
  if (limit === undefined) return Number.POSITIVE_INFINITY;
  const usedKib = /^VmSize:\s+(\d+) kB/m.exec(procFile("status"))?.[1] ?? "0";
  return Math.max(0, Number(limit) - Number(usedKib) * 1024);
}

/** The largest gap between two maps of this process, or `null` if the system does not report them. */
function largestGapBytes(): number | null {
  let largest: number | null = null;
  let end = 0;
  // The vsyscall page of the kernel lies above the addresses that a process can map.
  for (const [, from, to] of procFile("maps").matchAll(/^([0-9a-f]+)-([0-9a-f]+) (?!.*\[vsyscall\])/gm)) {
    largest = Math.max(largest ?? 0, Number.parseInt(from as string, 16) - end);
    end = Number.parseInt(to as string, 16);
  }
  return largest;
}

function procFile(name: string): string {
  if (process.platform !== "linux") return "";
  try {
    return readFileSync(`/proc/self/${name}`, "latin1");
  } catch {
    return "";
  }
}
