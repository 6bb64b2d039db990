import { MEMORY_LOADS_AT_ONCE, MEMORY_LOADS_BYTES_MIN } from "../limits.js";
import { serveParent } from "../processes/serve-parent.js";

/**
 * Measures one load from a random place in memory of a given size in bytes (first argument). Each place
 * contains the index of the next one, so that the processor can neither start early nor guess. A question is
 * the number of milliseconds to measure, the result the loads per second.
 */
const LINE_BYTES = 64;
const LINE_INTEGERS = LINE_BYTES / 4;

const bytes = Math.max(MEMORY_LOADS_BYTES_MIN, Number(process.argv[2]));
// A power of two, for which the sequence below visits every line once before it repeats.
const lines = 2 ** Math.floor(Math.log2(bytes / LINE_BYTES));
const places = new Int32Array(lines * LINE_INTEGERS);
for (let line = 0; line < lines; line++) {
  const next = (Math.imul(line, 1_664_525) + 1_013_904_223) & (lines - 1);
  places[line * LINE_INTEGERS] = next * LINE_INTEGERS;
}

let place = 0;

serveParent<number>(lines * LINE_BYTES, async (ms) => {
  const startedMs = performance.now();
  let loads = 0;
  while (performance.now() < startedMs + ms) {
    place = follow(place);
    loads += MEMORY_LOADS_AT_ONCE;
  }
  return (loads / (performance.now() - startedMs)) * 1000;
});

function follow(from: number): number {
  let at = from;
  for (let load = 0; load < MEMORY_LOADS_AT_ONCE; load++) at = places[at] as number;
  return at;
}
