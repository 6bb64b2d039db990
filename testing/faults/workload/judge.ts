import type { KVNamespace, KVNamespaceListResult } from "@kvasir/client";
import { type Acknowledgement, metadataOf } from "./lane.js";
import { type Expected, LaneModel } from "./model.js";
import { BALANCES, COUNTER, groupKeys, HOT_KEYS, ownKeys, plan, type Step } from "./plan.js";
import { authorOf, bytesOf } from "./value.js";

export interface Round {
  readonly seed: string;
  readonly lanes: number;
  readonly acknowledged: readonly Acknowledgement[];
}

/**
 * Compares what is stored with what was acknowledged and attempted before the writers died.
 *
 * A lane waits for each response before it continues, so at most one write of each lane is uncertain: the one
 * in flight. Everything before it must be there, and nothing after it.
 *
 * @returns one sentence for each broken promise, or an empty list
 */
export async function judge(kv: KVNamespace, round: Round): Promise<string[]> {
  const stored = await readAll(kv, round.lanes);
  const attempts = Array.from({ length: round.lanes }, (_, lane) => attemptsOf(round, lane));
  return [
    ...stored.disagreements,
    ...attempts.flatMap((attempt, lane) => judgeLane(stored, attempt, lane, round.seed)),
    ...judgeCounters(stored, attempts),
    ...HOT_KEYS.flatMap((key) => judgeHotKey(stored, key, attempts, round)),
  ];
}

interface Attempts {
  /** In order, each acknowledged. */
  readonly acknowledged: readonly Step[];
  /** The step that may or may not have been carried out. */
  readonly underWay: Step;
}

function attemptsOf({ seed, acknowledged }: Round, lane: number): Attempts {
  const count = acknowledged.filter((each) => each.lane === lane).length;
  const steps = plan(seed, lane);
  return {
    acknowledged: Array.from({ length: count }, () => steps.next().value),
    underWay: steps.next().value,
  };
}

interface StoredEntry {
  readonly value: Buffer;
  readonly metadata: unknown;
  readonly version: number;
  readonly expiration: number | null;
}

interface Stored {
  readonly entries: ReadonlyMap<string, StoredEntry>;
  readonly disagreements: readonly string[];
}

/** Reads everything in two ways, key by key and as a list. */
async function readAll(kv: KVNamespace, lanes: number): Promise<Stored> {
  const disagreements: string[] = [];
  const listed = await listAll(kv);
  const names = [COUNTER, ...BALANCES, ...HOT_KEYS];
  for (let lane = 0; lane < lanes; lane++) names.push(...ownKeys(lane), ...groupKeys(lane));

  const entries = new Map<string, StoredEntry>();
  for (const key of new Set([...names, ...listed.keys()])) {
    const got = await kv.getWithMetadata(key, { type: "arrayBuffer", version: true });
    const inList = listed.get(key);
    if (!names.includes(key)) disagreements.push(`${key} is in the list, and nobody wrote it.`);
    if ((got.value === null) !== (inList === undefined)) {
      disagreements.push(
        `${key} is ${got.value === null ? "listed, and a get finds nothing" : "not listed"}.`,
      );
    }
    if (got.value === null || got.version === null) continue;
    if (inList !== undefined && inList.version !== got.version) {
      disagreements.push(`${key} is listed at version ${inList.version}, and a get says ${got.version}.`);
    }
    if (JSON.stringify(inList?.metadata ?? null) !== JSON.stringify(got.metadata)) {
      disagreements.push(`${key} is listed with other metadata than a get says.`);
    }
    entries.set(key, {
      value: Buffer.from(got.value),
      metadata: got.metadata,
      version: got.version,
      expiration: inList?.expiration ?? null,
    });
  }
  return { entries, disagreements };
}

async function listAll(kv: KVNamespace) {
  const listed = new Map<string, { version?: number; metadata?: unknown; expiration?: number }>();
  let cursor: string | null = null;
  do {
    // Small pages, so that there are several.
    const page: KVNamespaceListResult<unknown> = await kv.list({ limit: 10, versions: true, cursor });
    for (const { name, ...rest } of page.keys) listed.set(name, rest);
    cursor = page.list_complete ? null : page.cursor;
  } while (cursor !== null);
  return listed;
}

function judgeLane(stored: Stored, attempts: Attempts, lane: number, seed: string): string[] {
  const before = new LaneModel(lane);
  for (const [step, each] of attempts.acknowledged.entries()) before.apply(each, step);
  const after = before.copy();
  after.apply(attempts.underWay, attempts.acknowledged.length);

  const wrong = (model: LaneModel) =>
    [...ownKeys(lane), ...groupKeys(lane)].flatMap((key) => {
      const difference = differenceOf(stored.entries.get(key), model.entries.get(key), { seed, lane });
      return difference === null ? [] : [`${key} ${difference}`];
    });
  const [wrongBefore, wrongAfter] = [wrong(before), wrong(after)];
  return wrongBefore.length === 0 || wrongAfter.length === 0 ? [] : wrongBefore;
}

function differenceOf(
  stored: StoredEntry | undefined,
  expected: Expected | undefined,
  { seed, lane }: { readonly seed: string; readonly lane: number },
): string | null {
  if (expected === undefined)
    return stored === undefined ? null : "is there, and was deleted or never written.";
  if (stored === undefined) return `is gone; step ${expected.step} wrote it, and that was acknowledged.`;
  const author = { seed, lane, step: expected.step };
  if (!stored.value.equals(bytesOf(author, expected.byteLength))) {
    const found = authorOf(seed, stored.value);
    return found === null
      ? `holds ${stored.value.length} bytes that nobody wrote; step ${expected.step} was acknowledged.`
      : `holds what step ${found.step} wrote, not what step ${expected.step} wrote.`;
  }
  const metadata = expected.metadata ? metadataOf(author) : null;
  if (JSON.stringify(stored.metadata) !== JSON.stringify(metadata))
    return "has the metadata of another write.";
  if (stored.expiration !== expected.expiration) return "has the expiry of another write.";
  return null;
}

function judgeCounters({ entries }: Stored, attempts: readonly Attempts[]): string[] {
  const read = (key: string) => Number(entries.get(key)?.value.toString() ?? "0");
  const increments = (step: Step) => (step.type === "increment" ? step.by : 0);
  const transfers = (step: Step) => (step.type === "transfer" ? step.amount : 0);
  const broken = [
    ...judgeSum(COUNTER, read(COUNTER), attempts, increments),
    ...judgeSum(BALANCES[1], read(BALANCES[1]), attempts, transfers),
  ];
  const rest = read(BALANCES[0]) + read(BALANCES[1]);
  if (rest !== 0) broken.push(`The balances sum up to ${rest}, not to 0: half of a commit was made.`);
  return broken;
}

function judgeSum(
  key: string,
  found: number,
  attempts: readonly Attempts[],
  amountOf: (step: Step) => number,
): string[] {
  const acknowledged = attempts
    .flatMap((each) => each.acknowledged)
    .reduce((sum, step) => sum + amountOf(step), 0);
  const attempted = attempts.reduce((sum, each) => sum + amountOf(each.underWay), acknowledged);
  if (found >= acknowledged && found <= attempted) return [];
  return [`${key} is ${found}; ${acknowledged} were acknowledged and ${attempted} attempted.`];
}

function judgeHotKey(stored: Stored, key: string, attempts: readonly Attempts[], round: Round): string[] {
  const writes = round.acknowledged.filter(({ lane, step }) => {
    const made = attempts[lane]?.acknowledged[step];
    return made?.type === "hot" && made.key === key;
  });
  const newest = writes.reduce<Acknowledgement | null>(
    (best, each) => ((each.version ?? 0) > (best?.version ?? 0) ? each : best),
    null,
  );
  const entry = stored.entries.get(key);
  if (entry === undefined)
    return newest === null ? [] : [`${key} is gone; ${writes.length} writes were acknowledged.`];

  const author = authorOf(round.seed, entry.value);
  if (author === null) return [`${key} holds ${entry.value.length} bytes that are no whole value.`];
  const { acknowledged = [], underWay } = attempts[author.lane] ?? {};
  const attempted = author.step === acknowledged.length ? underWay : acknowledged[author.step];
  if (attempted?.type !== "hot" || attempted.key !== key) {
    return [`${key} holds what lane ${author.lane} never wrote there.`];
  }
  const isNewest = author.lane === newest?.lane && author.step === newest.step;
  if (newest?.version != null && entry.version < newest.version) {
    return [`${key} is at version ${entry.version}; version ${newest.version} was acknowledged.`];
  }
  if (newest?.version != null && entry.version === newest.version && !isNewest) {
    return [`${key} holds another value than the one acknowledged at version ${entry.version}.`];
  }
  return [];
}
