import { totalmem } from "node:os";
import { HEAP_MIB_MAX, HEAP_SHARE, MEMORY_MIB_MIN, MEMORY_SHARE } from "./limits.js";

const MIB = 1_048_576;

/** How much memory one process of a function may have. */
export interface MemoryLimit {
  readonly mib: number;
  readonly bytes: number;
}

/** @param mib as `--memory` says. @default a quarter of the machine's memory, or of the container's */
export function memoryLimit(mib: number = defaultMib()): MemoryLimit {
  return { mib, bytes: mib * MIB };
}

/** What V8 must be told; nothing where it would choose a smaller heap itself. */
export function heapFlags({ mib }: MemoryLimit): readonly string[] {
  const heapMib = Math.floor(mib * HEAP_SHARE);
  return heapMib > HEAP_MIB_MAX ? [] : [`--max-old-space-size=${heapMib}`];
}

function defaultMib(): number {
  return Math.max(MEMORY_MIB_MIN, Math.floor((machineBytes() * MEMORY_SHARE) / MIB));
}

/** A container has what its cgroup allows. Node says 0, or more than there is, where nothing is set. */
function machineBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
}
