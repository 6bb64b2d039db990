import {
  DESCRIPTORS_GROWTH_MAX,
  HEALTH_MS_MAX,
  HEAP_GROWTH_BYTES_MAX,
  RESIDENT_GROWTH_BYTES_MAX,
} from "./limits.js";
import type { SiegeReport } from "./siege.js";

/** What the server did not keep of its promises; nothing when it kept all. */
export function brokenPromises({ before, after, highest, ...report }: SiegeReport): string[] {
  const broken = report.politeFailures.map((failure) => `a polite client: ${failure}`).slice(0, 20);
  const bound = (what: string, seen: number, most: number) => {
    if (seen > most) broken.push(`${what}: ${round(seen)}, at most ${round(most)}`);
  };
  bound("slowest health, ms", report.slowestHealthMs, HEALTH_MS_MAX);
  bound(
    "growth of memory while attacked",
    highest.residentBytes - before.residentBytes,
    RESIDENT_GROWTH_BYTES_MAX,
  );
  bound("growth of the heap afterwards", after.heapBytes - before.heapBytes, HEAP_GROWTH_BYTES_MAX);
  bound("descriptors that stayed open", after.descriptors - before.descriptors, DESCRIPTORS_GROWTH_MAX);
  bound("connections that stayed open", after.connections - before.connections, DESCRIPTORS_GROWTH_MAX);
  bound("watches that stayed", after.eventStreams, 0);
  bound("bytes that stayed charged", after.bufferedBytes, 0);
  bound("unexpected exceptions", after.unexpectedExceptions ?? 0, 0);
  return broken;
}

/** The figures of a siege, a line each. */
export function renderSiege(report: SiegeReport): string {
  const { requests, connections, seconds, before, highest, after } = report;
  return [
    ...Object.entries(report.bursts).map(([name, count]) => `${count} × ${name}`),
    `${requests} hostile requests on ${connections} connections in ${round(seconds)} s`,
    `a polite client: ${report.politeRequests} requests, ${report.politeFailures.length} wrong, slowest ${round(report.slowestPoliteMs)} ms`,
    `slowest health: ${round(report.slowestHealthMs)} ms`,
    `memory, MiB: ${mebibytes(before.residentBytes)} before, ${mebibytes(highest.residentBytes)} at most, ${mebibytes(after.residentBytes)} after`,
    `heap, MiB: ${mebibytes(before.heapBytes)} before, ${mebibytes(highest.heapBytes)} at most, ${mebibytes(after.heapBytes)} after`,
    `descriptors: ${before.descriptors} before, ${highest.descriptors} at most, ${after.descriptors} after`,
    `connections ${after.connections}, watches ${after.eventStreams}, charged bytes ${after.bufferedBytes} after`,
    `unexpected exceptions: ${after.unexpectedExceptions ?? "not counted"}`,
  ].join("\n");
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
