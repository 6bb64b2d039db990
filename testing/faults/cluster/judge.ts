import type { Operation, Request, Seen, Told } from "./history.js";
import { firstInexplicable, type RegisterOperation } from "./linearizability.js";
import { STAYING, stayingKey } from "./load.js";

/** What is stored when all is over, and the cluster whole. */
export interface Final {
  /** Values of keys that are written once. */
  readonly written: ReadonlyMap<string, string | null>;
  readonly counters: ReadonlyMap<string, number>;
  readonly registers: ReadonlyMap<string, Seen>;
}

/** What a run broke, a sentence for each, by promise. Empty: nothing. */
export interface Verdict {
  readonly lost: readonly string[];
  readonly twoWinners: readonly string[];
  readonly counters: readonly string[];
  readonly versions: readonly string[];
  readonly reads: readonly string[];
  readonly lists: readonly string[];
  readonly watches: readonly string[];
  readonly late: readonly string[];
  readonly unexpected: readonly string[];
  readonly inexplicable: readonly string[];
}

export interface Run {
  readonly operations: readonly Operation[];
  /** What each watch told since the beginning of the run, in all processes that went on with it. */
  readonly watches: readonly (readonly Told[])[];
  /** All writes that ended before must have been told. */
  readonly watchedUntilUs: number;
  readonly final: Final;
}

/** Longest time to a response, in milliseconds. The guide promises it. */
const RESPONSE_MS_MAX = 15_000;

type Kind<K extends Request["kind"]> = Operation & { readonly request: Extract<Request, { kind: K }> };

export function judge(run: Run): Verdict {
  return {
    lost: lostIn(run),
    twoWinners: twoWinnersIn(run),
    counters: countersOf(run),
    versions: versionsOf(run),
    reads: readsOf(run),
    lists: listsOf(run),
    watches: watchesOf(run),
    late: lateIn(run),
    unexpected: unexpectedIn(run),
    inexplicable: inexplicableIn(run),
  };
}

/** Everything that was broken. */
export function brokenOf(verdict: Verdict): readonly string[] {
  return Object.entries(verdict).flatMap(([promise, broken]) =>
    (broken as readonly string[]).map((what) => `${promise}: ${what}`),
  );
}

function lostIn({ operations, final }: Run): readonly string[] {
  return ofKind(operations, "put").flatMap(({ request: { key }, outcome }) => {
    const found = final.written.get(key) ?? null;
    if (found !== null && found !== key) return [`${key} has the value of another key`];
    if (outcome.is === "done" && found === null) return [`${key} was acknowledged and is gone`];
    return outcome.is === "refused" && found !== null ? [`${key} was refused and is there`] : [];
  });
}

function twoWinnersIn({ operations, final }: Run): readonly string[] {
  const broken: string[] = [];
  const winners = new Set<string>();
  for (const { request, outcome } of ofKind(operations, "swap")) {
    if (!isWon(outcome)) continue;
    const condition = `${request.key} at version ${request.from.version}`;
    if (winners.has(condition)) broken.push(`two changes of ${condition} were acknowledged`);
    winners.add(condition);
    const last = final.registers.get(request.key)?.version ?? 0;
    if (versionOf(outcome) > last) broken.push(`an acknowledged change of ${condition} is gone`);
  }
  for (const { request, outcome } of ofKind(operations, "put")) {
    // Nobody else writes the key: the write itself was carried out twice.
    if (outcome.is === "done" && !isWon(outcome))
      broken.push(`${request.key} was written before it was written`);
  }
  return broken;
}

function countersOf({ operations, final }: Run): readonly string[] {
  const increments = ofKind(operations, "increment");
  return [...final.counters].flatMap(([key, count]) => {
    const own = increments.filter(({ request }) => request.key === key);
    const acknowledged = own.filter(({ outcome }) => outcome.is === "done").length;
    const inDoubt = own.filter(({ outcome }) => outcome.is === "unknown").length;
    if (count >= acknowledged && count <= acknowledged + inDoubt) return [];
    return [`${key} is ${count} after ${acknowledged} increments and ${inDoubt} in doubt`];
  });
}

/** A strong read must not see an older version than one that was acknowledged or read before it began. */
function versionsOf({ operations }: Run): readonly string[] {
  const reads = ofKind(operations, "read").filter(
    ({ request, outcome }) => request.isStrong && outcome.is === "done",
  );
  const known = [
    ...reads.map(({ request, outcome, endedUs }) => ({
      key: request.key,
      version: versionOf(outcome),
      endedUs,
    })),
    ...ofKind(operations, "swap")
      .filter(({ outcome }) => isWon(outcome))
      .map(({ request, outcome, endedUs }) => ({ key: request.key, version: versionOf(outcome), endedUs })),
  ].sort((a, b) => a.endedUs - b.endedUs);
  const newest = new Map<string, number>();
  const broken: string[] = [];
  let at = 0;
  for (const { request, outcome, beganUs } of reads.toSorted((a, b) => a.beganUs - b.beganUs)) {
    for (let one = known[at]; one !== undefined && one.endedUs < beganUs; one = known[++at]) {
      newest.set(one.key, Math.max(newest.get(one.key) ?? 0, one.version));
    }
    const least = newest.get(request.key) ?? 0;
    if (versionOf(outcome) < least) {
      broken.push(`${request.key} was read at version ${versionOf(outcome)} after version ${least}`);
    }
  }
  return broken;
}

function readsOf({ operations }: Run): readonly string[] {
  const done = operations.filter(({ outcome }) => outcome.is === "done");
  return [
    ...ofKind(done, "get")
      .filter(({ request, outcome }) => resultOf(outcome) !== request.key)
      .map(({ request }) => `${request.key} was there all along and not found`),
    ...ofKind(done, "expired")
      .filter(({ outcome }) => resultOf(outcome) !== null)
      .map(({ request }) => `${request.key} was read after its expiration`),
    ...ofKind(done, "pair").flatMap(({ request, outcome }) => {
      const [left, right] = resultOf(outcome) as readonly unknown[];
      return left === right ? [] : [`of the pair ${request.key}, one half was written without the other`];
    }),
  ];
}

function listsOf({ operations }: Run): readonly string[] {
  const staying = Array.from({ length: STAYING }, (_, at) => stayingKey(at));
  return ofKind(operations, "list").flatMap(({ outcome }) => {
    if (outcome.is !== "done") return [];
    const names = outcome.result as readonly string[];
    const listed = new Set(names);
    const skipped = staying.filter((key) => !listed.has(key));
    if (skipped.length > 0) return [`a list skipped ${skipped.join(", ")}`];
    return names.every((name, at) => at === 0 || (names[at - 1] ?? "") < name)
      ? []
      : ["a list repeated a key or was not in order"];
  });
}

function watchesOf({ operations, watches, watchedUntilUs, final }: Run): readonly string[] {
  const acknowledged = ofKind(operations, "put")
    .filter(({ outcome, endedUs }) => outcome.is === "done" && endedUs < watchedUntilUs)
    .map(({ request }) => request.key);
  return watches.flatMap((told) => {
    const broken: string[] = [];
    const last = new Map<string, number>();
    for (const { session, key, version } of told) {
      if (version < (last.get(session) ?? 0)) broken.push(`the watch ${session} told ${key} out of order`);
      last.set(session, version);
      if ((final.written.get(key) ?? null) === null) broken.push(`a watch told of ${key}, which vanished`);
    }
    const keys = new Set(told.map(({ key }) => key));
    const missing = acknowledged
      .filter((key) => !keys.has(key))
      .map((key) => `a watch did not tell of ${key}`);
    const each = new Set(told.map(({ session, key }) => `${session} ${key}`));
    return [...broken, ...missing, ...(each.size < told.length ? ["a watch told a change twice"] : [])];
  });
}

function lateIn({ operations }: Run): readonly string[] {
  return operations
    .filter(({ request }) => request.kind !== "list")
    .map(({ request, beganUs, endedUs }) => ({ request, tookMs: (endedUs - beganUs) / 1000 }))
    .filter(({ tookMs }) => Number.isFinite(tookMs) && tookMs > RESPONSE_MS_MAX)
    .map(({ request, tookMs }) => `${JSON.stringify(request)} took ${Math.round(tookMs)} ms`);
}

function unexpectedIn({ operations }: Run): readonly string[] {
  return operations.flatMap(({ request, outcome }) =>
    outcome.is === "unexpected" ? [`${JSON.stringify(request)} ended with ${outcome.error}`] : [],
  );
}

function inexplicableIn({ operations }: Run): readonly string[] {
  const keys = new Set(ofKind(operations, "swap").map(({ request }) => request.key));
  return [...keys].flatMap((key) => {
    const history = [
      ...ofKind(operations, "read").flatMap((read) => registerRead(read, key)),
      ...ofKind(operations, "swap").flatMap((swap) => registerSwap(swap, key)),
    ];
    const found = firstInexplicable(history);
    return found === null ? [] : [`no order explains ${JSON.stringify({ key, ...found })}`];
  });
}

function registerRead(
  { request, outcome, beganUs, endedUs }: Kind<"read">,
  key: string,
): RegisterOperation[] {
  if (request.key !== key || !request.isStrong || outcome.is !== "done") return [];
  return [{ is: "read", beganUs, endedUs, value: (outcome.result as Seen).value }];
}

function registerSwap(
  { request, outcome, beganUs, endedUs }: Kind<"swap">,
  key: string,
): RegisterOperation[] {
  if (request.key !== key || outcome.is === "refused" || outcome.is === "unexpected") return [];
  const change = { is: "swap", beganUs, from: request.from.value, to: request.value } as const;
  if (outcome.is === "unknown") return [{ ...change, endedUs: Number.POSITIVE_INFINITY, won: null }];
  return [{ ...change, endedUs, won: isWon(outcome) }];
}

function ofKind<K extends Request["kind"]>(operations: readonly Operation[], kind: K): readonly Kind<K>[] {
  return operations.filter((operation): operation is Kind<K> => operation.request.kind === kind);
}

function isWon(outcome: Operation["outcome"]): boolean {
  return outcome.is === "done" && (outcome.result as { readonly ok: boolean }).ok;
}

function versionOf(outcome: Operation["outcome"]): number {
  return outcome.is === "done" ? ((outcome.result as { readonly version: number | null }).version ?? 0) : 0;
}

function resultOf(outcome: Operation["outcome"]): unknown {
  return outcome.is === "done" ? outcome.result : undefined;
}
