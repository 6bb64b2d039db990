import { countingSink } from "@kvasir/store";
import type { CopyPlace } from "./place.js";

/** A target of a trial that does not exist yet: every entry would be written. */
export function emptyPlace(shown: string): CopyPlace {
  return {
    shown,
    identity: shown,
    source: { async *read() {} },
    keeps: { wholeSeconds: false, contentType: true },
    behindMs: 0,
    batchEntries: undefined,
    batchesInFlight: 1,
    isSlow: false,
    readsInBulk: false,
    sink: () => countingSink(Date.now),
    async count() {
      return 0;
    },
    async *readSample() {},
    async close() {},
  };
}
