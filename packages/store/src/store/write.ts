import type { Key } from "./entry.js";

/**
 * A value whose parts are already stored, for one put of the key that it was staged for. That put takes it
 * over, or discards it when its condition fails. The engine reclaims it when no put comes.
 */
export interface StagedValue {
  readonly blobId: string;
  readonly byteLength: number;
}

export interface PutInput {
  readonly value: Uint8Array | StagedValue;
  readonly expirationMs: number | null;
  readonly metadata: string | null;
  readonly contentType: string | null;
}

/** Holds when the live entry is at this version; `null`: when there is none. `undefined`: always. */
export type Condition = number | null | undefined;

export interface WriteOutcome {
  /** Whether the condition held (and, for `touch`, whether there was an entry). Otherwise nothing changed. */
  readonly ok: boolean;
  /** The entry's version afterwards; `null` when there is none. */
  readonly version: number | null;
  /** Whether a live entry was there before. */
  readonly existed: boolean;
}

export interface IncrementOutcome {
  readonly value: number;
  readonly version: number;
}

export type Mutation =
  | ({ readonly type: "put"; readonly key: Key } & PutInput)
  | { readonly type: "delete"; readonly key: Key }
  | {
      readonly type: "increment";
      readonly key: Key;
      readonly by: number;
      /** Applies when the counter is created. */
      readonly expirationMs: number | null;
    };

export interface Check {
  readonly key: Key;
  /** `null`: absent. */
  readonly version: number | null;
}
