import { totalmem } from "node:os";
import { HEAP_MIB_MAX, HEAP_SHARE, MEMORY_MIB_MIN, MEMORY_SHARE } from "./limits.js";

const MIB = 1_048_576;

/** How much memory one process of a function may use. */
export interface MemoryLimit {
  readonly mib: number;
  readonly bytes: number;
}

/** @param mib the value of `--memory` @default a quarter of the memory of the machine or container */
export function memoryLimit(mib: number = defaultMib()): MemoryLimit {
  return { mib, bytes: mib * MIB };
}

/** The heap flags for V8. Empty if V8's own default is smaller. */
export function heapFlags({ mib }: MemoryLimit): readonly string[] {
  const heapMib = Math.floor(mib * HEAP_SHARE);
  return heapMib > HEAP_MIB_MAX ? [] : [`--max-old-space-size=${heapMib}`];
}

function defaultMib(): number {
  return Math.max(MEMORY_MIB_MIN, Math.floor((machineBytes() * MEMORY_SHARE) / MIB));
}

/** In a container, the limit of its cgroup. Without a limit Node reports 0, or more than the machine has. */
function machineBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
}
