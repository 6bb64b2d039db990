import { EventEmitter, once } from "node:events";
import { BULK_PUT_KEYS, LIST_KEYS } from "../../core/limits.js";
import { serveParent } from "../../core/serve-parent.js";
import { keyName, randomIndexes, smallValue } from "../../load/keys.js";
import type { ClusterContestant, ClusterContestantName, ClusterOptions } from "../cluster/contestant.js";

/** Measures the contestant in its first argument. The second one says where the cluster is, as JSON. */
export type ClusterQuestion =
  /** Writes so many keys from a number on, and makes them part of the lists. */
  | { readonly fill: number; readonly from: number; readonly isListed: boolean }
  /** The median time from the call of a put until a watch is told, in milliseconds. */
  | { readonly announced: number }
  /** Operations per second on the first `among` keys. */
  | {
      readonly operation: ClusterOperation;
      readonly callers: number;
      readonly among: number;
      readonly ms: number;
    };

export type ClusterOperation = "get" | "put" | "putTogether" | "increment" | "list";

interface ContestantModule {
  openContestant(options: ClusterOptions): Promise<ClusterContestant>;
}

const MODULES: Readonly<Record<ClusterContestantName, () => Promise<ContestantModule>>> = {
  kvasir: () => import("../cluster/kvasir.js"),
  client: () => import("../cluster/client.js"),
};

const [name, optionsJson = "{}"] = process.argv.slice(2);
const { openContestant } = await MODULES[name as ClusterContestantName]();
const contestant = await openContestant(JSON.parse(optionsJson) as ClusterOptions);
const BATCH = 10_000;
const value = smallValue(0);
const random = randomIndexes(2 ** 30);
let turns = 0;
let announcements = 0;

serveParent<ClusterQuestion>(
  "ready",
  async (question) => {
    if ("fill" in question) return await fill(question);
    if ("announced" in question) return await announced(question.announced);
    return await rate(question);
  },
  async () => void (await contestant.close()),
);

async function fill(question: Extract<ClusterQuestion, { fill: number }>): Promise<number> {
  const { fill: count, from, isListed } = question;
  for (let start = 0; start < count; start += BATCH) {
    const keys = Array.from({ length: Math.min(BATCH, count - start) }, (_, at) =>
      keyName(from + start + at),
    );
    await contestant.putTogether(keys, value);
    if (isListed) await contestant.index(keys);
  }
  return count;
}

async function rate(question: Extract<ClusterQuestion, { operation: string }>): Promise<number> {
  const { operation, callers, among, ms } = question;
  const startedMs = performance.now();
  let done = 0;
  const call = async () => {
    while (performance.now() - startedMs < ms) {
      await operate(operation, among);
      done++;
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  return (done / (performance.now() - startedMs)) * 1000;
}

async function operate(operation: ClusterOperation, among: number): Promise<void> {
  const key = keyName(next(among));
  if (operation === "put") await contestant.put(key, value);
  else if (operation === "increment") await contestant.increment(`counter:${next(100)}`);
  else if (operation === "get") {
    if ((await contestant.get(key)) === null) throw new Error(`${key} is missing.`);
  } else if (operation === "list") {
    const length = await contestant.listPage(keyName(next(among - LIST_KEYS)), LIST_KEYS);
    if (length !== LIST_KEYS) throw new Error(`A page has ${length} keys.`);
  } else {
    await contestant.putTogether(
      Array.from({ length: BULK_PUT_KEYS }, () => keyName(next(among))),
      value,
    );
  }
}

async function announced(count: number): Promise<number> {
  const changes = new EventEmitter();
  await contestant.watch((key) => changes.emit(key));
  const times: number[] = [];
  for (let at = 0; at < count; at++) {
    const key = `announced:${announcements++}`;
    const told = once(changes, key);
    const startedMs = performance.now();
    await contestant.announce(key, value);
    await told;
    times.push(performance.now() - startedMs);
  }
  return times.sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}

function next(below: number): number {
  return (random[turns++ % random.length] as number) % below;
}
