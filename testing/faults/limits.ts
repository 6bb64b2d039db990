/** How much load the harness makes. `KVASIR_FAULT_ROUNDS=100 npx vitest run testing/faults` runs longer. */

/** How often an embedded writer is killed. */
export const EMBEDDED_ROUNDS = rounds(8);
/** How often a `serve` is killed, for each number of processes. */
export const SERVE_ROUNDS = rounds(3);
/** How often the power is cut. */
export const POWER_CUTS = Math.max(300, rounds(300));
/** The number of seeds that the connection fuzzer runs. */
export const CONNECTION_ROUNDS = rounds(4);
/** Concurrent writers. Each has keys of its own, besides those that all share. */
export const LANES = 8;
/** Copies of a data file with one changed byte. */
export const DAMAGED_IMAGES = rounds(40);

function rounds(byDefault: number): number {
  const text = process.env["KVASIR_FAULT_ROUNDS"];
  if (text === undefined) return byDefault;
  if (!/^[1-9]\d*$/.test(text))
    throw new TypeError(`KVASIR_FAULT_ROUNDS is "${text}", not a number of rounds.`);
  return Number(text);
}
