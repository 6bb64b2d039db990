/** How hard the harness pushes. `KVASIR_FAULT_ROUNDS=100 npx vitest run testing/faults` pushes for longer. */

/** Times that an embedded writer is killed. */
export const EMBEDDED_ROUNDS = rounds(8);
/** Times that a `serve` is killed, for each number of processes. */
export const SERVE_ROUNDS = rounds(3);
/** Times that the power is cut. */
export const POWER_CUTS = Math.max(300, rounds(300));
/** Seeds that the fuzzer of connections runs. */
export const CONNECTION_ROUNDS = rounds(4);
/** Writers at once, each with keys of its own besides those that all share. */
export const LANES = 8;
/** Copies of a data file in which one byte is changed. */
export const DAMAGED_IMAGES = rounds(40);

function rounds(byDefault: number): number {
  const text = process.env["KVASIR_FAULT_ROUNDS"];
  if (text === undefined) return byDefault;
  if (!/^[1-9]\d*$/.test(text))
    throw new TypeError(`KVASIR_FAULT_ROUNDS is "${text}", not a number of rounds.`);
  return Number(text);
}
