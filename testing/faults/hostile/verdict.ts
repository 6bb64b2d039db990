import type { Figures } from "../machinery/figures.js";
import {
  CHARGED_BYTES_MAX,
  DESCRIPTORS_GROWTH_MAX,
  HEALTH_MS_MAX,
  HEAP_GROWTH_BYTES_MAX,
  POLITE_FAILURES_SHOWN,
  RESIDENT_GROWTH_BYTES_MAX,
} from "./limits.js";
import type { SiegeReport } from "./siege.js";
import type { Usage } from "./usage.js";

/** The promises that the server broke. Empty if it kept all of them. */
export function brokenPromises({ before, after, highest, ...report }: SiegeReport): string[] {
  return [
    ...report.politeFailures.map((failure) => `a polite client: ${failure}`).slice(0, POLITE_FAILURES_SHOWN),
    ...over(
      "slowest health, ms of the event loop's processor time",
      report.slowestHealthProcessorMs,
      HEALTH_MS_MAX,
    ),
    ...over(
      "growth of memory while attacked",
      highest.residentBytes - before.residentBytes,
      RESIDENT_GROWTH_BYTES_MAX,
    ),
    ...brokenAfterwards(before, after),
  ];
}

/** What the server did not release. */
export function brokenAfterwards(before: Usage & Figures, after: Usage & Figures): string[] {
  return [
    ...over("growth of the heap", after.heapBytes - before.heapBytes, HEAP_GROWTH_BYTES_MAX),
    ...over("descriptors that stay open", after.descriptors - before.descriptors, DESCRIPTORS_GROWTH_MAX),
    ...over("connections that stay open", after.connections - before.connections, DESCRIPTORS_GROWTH_MAX),
    ...over("watches that stay", after.eventStreams, 0),
    ...over("bytes that stay charged", after.bufferedBytes, CHARGED_BYTES_MAX),
    ...over("unexpected exceptions", after.unexpectedExceptions ?? 0, 0),
  ];
}

function over(what: string, seen: number, most: number): string[] {
  return seen > most ? [`${what}: ${round(seen)}, at most ${round(most)}`] : [];
}

/** The figures of a siege, one per line. */
export function renderSiege(report: SiegeReport): string {
  const { requests, connections, seconds, before, highest, after } = report;
  return [
    ...Object.entries(report.bursts).map(([name, count]) => `${count} × ${name}`),
    `${requests} hostile requests on ${connections} connections in ${round(seconds)} s, ${round(report.processorSeconds)} s of them the server's`,
    `a polite client: ${report.politeRequests} requests, ${report.politeFailures.length} wrong, slowest ${round(report.slowestPoliteMs)} ms`,
    `slowest health: ${round(report.slowestHealthMs)} ms, ${report.slowestHealthProcessorMs} ms of the event loop's processor time`,
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
