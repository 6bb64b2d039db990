import { KvError } from "@kvasir/client/namespace";
import type { Entries } from "../../store/entries.js";
import { notIntegerError, stagedGoneError } from "../../store/errors.js";
import { RECLAIM_AFTER_MS } from "../../store/limits.js";
import type { Check, Condition, Mutation, PutInput, WriteOutcome } from "../../store/write.js";
import { APPLY } from "./apply-script.js";
import { type Buckets, bucketOf, bucketOfAll, groupByBucket } from "./buckets.js";
import type { StoredNamespace } from "./catalog.js";
import { type Command, Refusal } from "./connection.js";
import { encodeTail } from "./entry-codec.js";
import { partlyMadeError } from "./errors.js";
import type { Bucket } from "./layout.js";
import { BULK_BYTES_MAX, BULK_OPERATIONS_MAX, INLINE_BYTES_MAX } from "./limits.js";
import { run } from "./script.js";
import type { Session } from "./session.js";
import { blobKey, parseStaged, stageValue } from "./staging.js";

type Writes = Pick<Entries, "put" | "delete" | "increment" | "touch" | "commit" | "writeMany">;

/** An operation as the script takes it. */
interface Step {
  readonly name: "check" | "put" | "delete" | "increment" | "touch";
  readonly key: string;
  readonly condition?: Condition;
  readonly expirationMs?: number | null;
  readonly by?: number;
  readonly input?: PutInput;
}

/** What the script says of one operation. */
interface Result extends WriteOutcome {
  readonly code: number;
  /** The text of a counter. */
  readonly text: string;
}

/** Writes of entries. Each is one script on one bucket, or several for a bulk write. */
export function clusterWrites(session: Session, buckets: Buckets): Writes {
  /** Runs steps as one script. Returns `null` when a check failed. */
  async function apply(
    namespace: StoredNamespace,
    bucket: Bucket,
    { steps, mode }: { readonly steps: readonly Step[]; readonly mode: "all" | "each" },
  ): Promise<{ readonly version: number; readonly results: readonly Result[] } | null> {
    const command = applyCommand(session, namespace, bucket, { steps, mode });
    const [reply] = await session.write(bucket, command).catch((error: unknown) => {
      throw ofCommit(error, steps);
    });
    if (reply === null) return null;
    const [version, results, away] = reply as readonly [
      Buffer,
      readonly (readonly unknown[])[],
      readonly Buffer[],
    ];
    // If this fails, they take up room, and nothing else.
    for (const blob of away) {
      const expire: Command = ["PEXPIRE", blobKey(bucket, String(blob)), RECLAIM_AFTER_MS];
      session.write(bucket, expire).catch(() => {});
    }
    return { version: Number(String(version)), results: results.map(resultOf) };
  }

  async function one(namespace: StoredNamespace, step: Step): Promise<Result> {
    const applied = await apply(namespace, bucketOf(namespace, step.key), { steps: [step], mode: "each" });
    const [result] = applied?.results ?? [];
    if (result === undefined) throw new TypeError("The script replied without a result.");
    throwFailure(result, step);
    return result;
  }

  /** The same input with a value that fits into a script. */
  async function ready<I extends PutInput>(namespace: StoredNamespace, key: string, input: I): Promise<I> {
    const { value } = input;
    if (!(value instanceof Uint8Array) || value.length <= INLINE_BYTES_MAX) return input;
    const bucket = bucketOf(namespace, key);
    return { ...input, value: await stageValue(session, bucket, [value], { bytesMax: value.length }) };
  }

  async function readyStep(namespace: StoredNamespace, mutation: Mutation): Promise<Step> {
    const { type: name, key } = mutation;
    if (mutation.type === "put") {
      return { name, key, expirationMs: mutation.expirationMs, input: await ready(namespace, key, mutation) };
    }
    if (mutation.type === "increment")
      return { name, key, expirationMs: mutation.expirationMs, by: mutation.by };
    return { name, key };
  }

  /** At once when no value is large: writes then keep the order in which they were submitted. */
  function readySteps(
    namespace: StoredNamespace,
    mutations: readonly Mutation[],
  ): readonly Step[] | Promise<readonly Step[]> {
    if (mutations.some((mutation) => mutation.type === "put" && isLarge(mutation))) {
      return inOrder(mutations, (mutation) => readyStep(namespace, mutation));
    }
    return mutations.map((mutation) => ({
      name: mutation.type,
      key: mutation.key,
      ...(mutation.type === "put" && { input: mutation }),
      ...(mutation.type !== "delete" && { expirationMs: mutation.expirationMs }),
      ...(mutation.type === "increment" && { by: mutation.by }),
    }));
  }

  return {
    put: (id, key, input, condition) =>
      buckets.within(id, async (namespace) => {
        const fitting = isLarge(input) ? await ready(namespace, key, input) : input;
        const { expirationMs } = input;
        return outcome(await one(namespace, { name: "put", key, condition, expirationMs, input: fitting }));
      }),

    delete: (id, key, condition) =>
      buckets.within(id, async (namespace) =>
        outcome(await one(namespace, { name: "delete", key, condition })),
      ),

    increment: (id, key, by, expirationMs) =>
      buckets.within(id, async (namespace) => {
        const { text, version } = await one(namespace, { name: "increment", key, by, expirationMs });
        return { value: Number(text), version: version ?? 0 };
      }),

    touch: (id, key, expirationMs, condition) =>
      buckets.within(id, async (namespace) =>
        outcome(await one(namespace, { name: "touch", key, expirationMs, condition })),
      ),

    commit: (id, checks, mutations) =>
      buckets.within(id, async (namespace) => {
        const keys = [...checks, ...mutations].map(({ key }) => key);
        const bucket = bucketOfAll(namespace, keys);
        const commitAll = (steps: readonly Step[]) =>
          apply(namespace, bucket, { steps: [...checks.map(checkStep), ...steps], mode: "all" });
        const prepared = readySteps(namespace, mutations);
        const applied = await (prepared instanceof Promise ? prepared.then(commitAll) : commitAll(prepared));
        return applied?.version ?? null;
      }),

    writeMany: (id, mutations) =>
      buckets.within(id, async (namespace) => {
        const prepared = readySteps(namespace, mutations);
        const steps = prepared instanceof Promise ? await prepared : prepared;
        const results: Result[] = new Array(steps.length);
        const groups = groupByBucket(namespace, steps, ({ key }) => key);
        const scripts = [...groups].flatMap(([bucket, numbers]) =>
          slices(numbers, steps).map(async (slice) => {
            const own = slice.map((at) => steps[at] as Step);
            const applied = await apply(namespace, bucket, { steps: own, mode: "each" });
            for (const [at, result] of (applied?.results ?? []).entries())
              results[slice[at] as number] = result;
          }),
        );
        const settled = await Promise.allSettled(scripts);
        throwRefusal(settled);
        for (const [at, result] of results.entries()) throwFailure(result, steps[at] as Step);
        return results.map(outcome);
      }),
  };
}

/** Builds the call of the script. Staged values are among its keys, because it touches them. */
function applyCommand(
  session: Session,
  namespace: StoredNamespace,
  bucket: Bucket,
  { steps, mode }: { readonly steps: readonly Step[]; readonly mode: "all" | "each" },
): Command {
  const keys = [bucket.entries, bucket.index, bucket.expiry, bucket.changes, bucket.version];
  const args: (string | number | Buffer)[] = [
    session.time,
    namespace.generation,
    mode,
    namespace.begin,
    steps.length,
  ];
  for (const { name, key, condition, expirationMs, by, input } of steps) {
    let named: string = name;
    let argument: string | Buffer = by === undefined ? "" : String(by);
    if (input !== undefined) {
      const { value } = input;
      if (value instanceof Uint8Array) argument = encodeTail(input, value);
      else {
        const { partition, blob } = parseStaged(value);
        if (partition !== bucket.number) throw stagedGoneError();
        keys.push(blobKey(bucket, blob));
        named = "puts";
        const tail = encodeTail(input, { blob, byteLength: value.byteLength });
        argument = Buffer.concat([Buffer.from(`${keys.length}:`), tail]);
      }
    }
    const holds = condition === undefined ? "*" : condition === null ? "-" : String(condition);
    args.push(named, key, holds, expirationMs ?? 0, argument);
  }
  return run(APPLY, keys, args);
}

function checkStep({ key, version }: Check): Step {
  return { name: "check", key, condition: version };
}

function resultOf([code, version, existed, text]: readonly unknown[]): Result {
  return {
    code: Number(code),
    ok: code === 1,
    version: version === null || version === undefined ? null : Number(String(version)),
    existed: existed === 1,
    text: String(text ?? ""),
  };
}

function outcome({ ok, version, existed }: Result): WriteOutcome {
  return { ok, version, existed };
}

function throwFailure({ code }: Result, { by = 0 }: Step): void {
  if (code === 2) throw notIntegerError(by, false);
  if (code === 3) throw stagedGoneError();
  if (code === 4) throw notIntegerError(by, true);
}

/** An error that says that nothing was changed must be true of all parts. */
function throwRefusal(parts: readonly PromiseSettledResult<void>[]): void {
  const reasons = parts.flatMap((part) => (part.status === "rejected" ? [part.reason as unknown] : []));
  if (reasons.length === 0) return;
  const isPassing = (reason: unknown) => reason instanceof KvError && reason.code === "unavailable";
  const inDoubt = reasons.find((reason) => reason instanceof KvError && reason.code === "outcome_unknown");
  const [first] = reasons;
  throw inDoubt ?? (reasons.length < parts.length && isPassing(first) ? partlyMadeError(first) : first);
}

/** The error of a commit of which nothing was made. */
function ofCommit(error: unknown, steps: readonly Step[]): unknown {
  if (!(error instanceof Refusal)) return error;
  const by = steps.find((step) => step.by !== undefined)?.by ?? 0;
  if (error.code === "KVINT") return notIntegerError(by, false);
  if (error.code === "KVSUM") return notIntegerError(by, true);
  return error.code === "KVSTAGED" ? stagedGoneError() : error;
}

/** Cuts the steps of one bucket into scripts that do not keep a node busy for long. */
function slices(numbers: readonly number[], steps: readonly Step[]): readonly (readonly number[])[] {
  const cut: number[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const at of numbers) {
    const last = cut.at(-1);
    const own = inlineBytes(steps[at] as Step);
    if (last === undefined || last.length >= BULK_OPERATIONS_MAX || bytes + own > BULK_BYTES_MAX) {
      cut.push([at]);
      bytes = own;
    } else {
      last.push(at);
      bytes += own;
    }
  }
  return cut;
}

function inlineBytes({ input }: Step): number {
  return input?.value instanceof Uint8Array ? input.value.length : 0;
}

function isLarge({ value }: PutInput): boolean {
  return value instanceof Uint8Array && value.length > INLINE_BYTES_MAX;
}

async function inOrder<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
