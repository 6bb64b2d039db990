/** What clients asked of the cluster and what they were told, in times of one clock. */

/** What an operation is about. */
export type Request =
  /** A key that is written once. */
  | { readonly kind: "put"; readonly key: string }
  | { readonly kind: "increment"; readonly key: string }
  /** A register is changed if it still is as it was read. */
  | { readonly kind: "swap"; readonly key: string; readonly from: Seen; readonly value: string }
  | { readonly kind: "read"; readonly key: string; readonly isStrong: boolean }
  /** A key that is there all along. */
  | { readonly kind: "get"; readonly key: string }
  /** All pages of a list. */
  | { readonly kind: "list" }
  | { readonly kind: "page" }
  /** Two keys that are only written together. */
  | { readonly kind: "pair"; readonly key: string }
  /** A key whose expiration has passed. */
  | { readonly kind: "expired"; readonly key: string }
  | { readonly kind: "write"; readonly what: string };

/** A register as it was read. */
export interface Seen {
  readonly value: string | null;
  readonly version: number | null;
}

export type Outcome =
  /** `result` is what the client was told; its form depends on the request. */
  | { readonly is: "done"; readonly result: unknown }
  /** Nothing was changed. */
  | { readonly is: "refused" }
  | { readonly is: "unknown" }
  /** An error that no fault of the cluster explains. */
  | { readonly is: "unexpected"; readonly error: string };

export interface Operation {
  readonly client: string;
  readonly request: Request;
  /** In microseconds of the machine's monotonic clock, which all processes share. */
  readonly beganUs: number;
  /** Infinite when the client ended before. */
  readonly endedUs: number;
  readonly outcome: Outcome;
}

/** A change that a watch told. */
export interface Told {
  /** A watch from one start or resumption to the next. */
  readonly session: string;
  readonly key: string;
  readonly version: number;
}

/** A line of a client's journal. */
export type JournalLine =
  | { readonly began: number; readonly atUs: number; readonly request: Request }
  | { readonly ended: number; readonly atUs: number; readonly outcome: Outcome }
  | { readonly told: Told; readonly position: string }
  /** The watch has passed everything up to here. */
  | { readonly passed: string };

export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** The operations of a journal. Those without an end have an unknown outcome. */
export function operationsOf(client: string, lines: readonly JournalLine[]): Operation[] {
  const operations = new Map<number, Operation>();
  for (const line of lines) {
    if ("began" in line) {
      const { request, atUs } = line;
      const open = { endedUs: Number.POSITIVE_INFINITY, outcome: { is: "unknown" } } as const;
      operations.set(line.began, { client, request, beganUs: atUs, ...open });
    } else if ("ended" in line) {
      const begun = operations.get(line.ended);
      if (begun !== undefined) {
        operations.set(line.ended, { ...begun, endedUs: line.atUs, outcome: line.outcome });
      }
    }
  }
  return [...operations.values()];
}
