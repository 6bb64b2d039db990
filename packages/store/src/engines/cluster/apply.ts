import { stagedGoneError } from "../../store/errors.js";
import { RECLAIM_AFTER_MS } from "../../store/limits.js";
import type { Condition, PutInput } from "../../store/write.js";
import { APPLY } from "./apply-script.js";
import type { Command, Reply } from "./connection.js";
import { encodeTail } from "./entry-codec.js";
import type { Joiner } from "./joint.js";
import type { Bucket } from "./layout.js";
import { run } from "./script.js";
import type { Session } from "./session.js";
import { blobKey, parseStaged } from "./staging.js";

/** An operation as the script takes it. */
export interface Step {
  readonly name: "check" | "put" | "delete" | "increment" | "touch";
  readonly key: string;
  readonly condition?: Condition;
  readonly expirationMs?: number | null;
  readonly by?: number;
  readonly input?: PutInput;
}

/** What the script says of one operation. */
export interface Result {
  readonly code: number;
  readonly ok: boolean;
  readonly version: number | null;
  readonly existed: boolean;
  /** The sum of an increment. */
  readonly sum: number;
}

/** The arguments of steps. */
type StepArgs = readonly (string | number | Buffer)[];

const ARGS_EACH = 5;
const NUMBERS_EACH = 3;
const EXISTED = 8;

/** Runs steps as one script, all of them or none. Returns `null` when a check failed. */
export async function applyAll(
  session: Session,
  bucket: Bucket,
  steps: readonly Step[],
): Promise<{ readonly version: number; readonly results: readonly Result[] } | null> {
  const { args, blobs } = argsOf(bucket, steps);
  const [reply] = await session.write(bucket, commandOf(session, bucket, { mode: "all", blobs, args }));
  if (reply === null) return null;
  const [version = 0, ...numbers] = numbersOf(session, bucket, reply);
  return { version, results: resultsOf(numbers) };
}

/** Runs steps independently of each other: others on the same bucket may share their script. */
export async function applyEach(
  session: Session,
  bucket: Bucket,
  steps: readonly Step[],
): Promise<readonly Result[]> {
  const { args, blobs, bytes } = argsOf(bucket, steps);
  if (blobs.length > 0) {
    const [reply] = await session.write(bucket, commandOf(session, bucket, { mode: "each", blobs, args }));
    return resultsOf(numbersOf(session, bucket, reply).slice(1));
  }
  const joint = { joiner: joinerOf(session, bucket), part: args, keys: steps.length };
  return resultsOf((await session.joined(bucket, "writes", { joint, bytes, isRead: false })) as number[]);
}

const joiners = new WeakMap<Bucket, Joiner<StepArgs>>();

function joinerOf(session: Session, bucket: Bucket): Joiner<StepArgs> {
  const known = joiners.get(bucket);
  if (known !== undefined) return known;
  const joiner: Joiner<StepArgs> = {
    commandsOf: (parts) => [commandOf(session, bucket, { mode: "each", blobs: [], args: parts.flat() })],
    repliesOf([reply], parts) {
      const numbers = numbersOf(session, bucket, reply);
      let at = 1;
      return parts.map(({ length }) => {
        const first = at;
        at += (length / ARGS_EACH) * NUMBERS_EACH;
        return numbers.slice(first, at);
      });
    },
  };
  joiners.set(bucket, joiner);
  return joiner;
}

/** The numbers of a reply. Lets replaced large values expire that the script has not found. */
function numbersOf(session: Session, bucket: Bucket, reply: Reply | undefined): readonly number[] {
  const numbers = reply as readonly (number | readonly Buffer[])[];
  const away = numbers.at(-1);
  if (typeof away === "number" || away === undefined) return numbers as readonly number[];
  for (const blob of away) {
    const expire: Command = ["PEXPIRE", blobKey(bucket, String(blob)), RECLAIM_AFTER_MS];
    // If this fails, they take up room, and nothing else.
    session.write(bucket, expire).catch(() => {});
  }
  return numbers.slice(0, -1) as readonly number[];
}

function commandOf(
  { time }: Session,
  { entries, index, expiry, changes, version, generation, begin }: Bucket,
  {
    mode,
    blobs,
    args,
  }: { readonly mode: "all" | "each"; readonly blobs: readonly string[]; readonly args: StepArgs },
): Command {
  return run(
    APPLY,
    [entries, index, expiry, changes, version, ...blobs],
    [time, generation, mode, begin, ...args],
  );
}

/** Where the first large value is among the keys of the script. */
const FIRST_BLOB = 6;

function argsOf(
  bucket: Bucket,
  steps: readonly Step[],
): { readonly args: StepArgs; readonly blobs: readonly string[]; readonly bytes: number } {
  const args: (string | number | Buffer)[] = [];
  const blobs: string[] = [];
  let bytes = 0;
  for (const { name, key, condition, expirationMs, by, input } of steps) {
    let named: string = name;
    let argument: string | Buffer = by === undefined ? "" : String(by);
    if (input !== undefined) {
      const { value } = input;
      if (value instanceof Uint8Array) argument = encodeTail(input, value);
      else {
        const { partition, blob } = parseStaged(value);
        if (partition !== bucket.number) throw stagedGoneError();
        const tail = encodeTail(input, { blob, byteLength: value.byteLength });
        argument = Buffer.concat([Buffer.from(`${FIRST_BLOB + blobs.length}:`), tail]);
        blobs.push(blobKey(bucket, blob));
        named = "puts";
      }
    }
    const holds = condition === undefined ? "*" : condition === null ? "-" : String(condition);
    args.push(named, key, holds, expirationMs ?? 0, argument);
    bytes += STEP_BYTES + key.length + argument.length;
  }
  return { args, blobs, bytes };
}

/** About what the arguments of a step take besides its key and its value. */
const STEP_BYTES = 64;

function resultsOf(numbers: readonly number[]): readonly Result[] {
  return Array.from({ length: numbers.length / NUMBERS_EACH }, (_, at) => {
    const [told = 0, version = 0, sum = 0] = numbers.slice(at * NUMBERS_EACH, (at + 1) * NUMBERS_EACH);
    const code = told % EXISTED;
    return { code, ok: code === 1, version: version === 0 ? null : version, existed: told >= EXISTED, sum };
  });
}
