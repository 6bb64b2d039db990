import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { type CopyTotals, ExpiryTally, NOTHING_COPIED } from "@kvasir/store";
import * as v from "valibot";
import { Failure } from "../../failure/failure.js";

/** What a file of `--resume` is for. It goes on only with the same. */
export interface CopyIdentity {
  readonly from: string;
  readonly to: string;
  readonly prefix: string;
  readonly limit: number | null;
}

/** How far a copy is. */
export interface CopyProgress {
  /** All entries up to this key are copied. `null`: none yet. */
  readonly after: string | null;
  readonly totals: CopyTotals;
  readonly expiries: ExpiryTally;
  readonly done: boolean;
}

export function nothingCopied(): CopyProgress {
  return { after: null, totals: NOTHING_COPIED, expiries: new ExpiryTally(), done: false };
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const SCHEMA = v.object({
  kvasir_copy: v.literal(1),
  from: v.string(),
  to: v.string(),
  prefix: v.string(),
  limit: v.nullable(count),
  after: v.nullable(v.string()),
  totals: v.object({
    entries: count,
    written: count,
    bytes: count,
    skipped: count,
    expired: count,
    refused: count,
  }),
  expiries: v.array(v.tuple([v.number(), count])),
  done: v.boolean(),
});

/**
 * The file of `--resume`. It is replaced as a whole, so that a kill at any point leaves the old one or the new one.
 */
export class ResumeFile {
  readonly #path: string;
  readonly #identity: CopyIdentity;

  constructor(path: string, identity: CopyIdentity) {
    this.#path = path;
    this.#identity = identity;
  }

  /**
   * Reads the file, or makes it if it is not there.
   *
   * @throws Failure when the file is of another copy, or is not such a file
   */
  open(): CopyProgress {
    const text = this.#text();
    if (text !== undefined) return this.#parse(text);
    const progress = nothingCopied();
    this.write(progress);
    return progress;
  }

  write({ after, totals, expiries, done }: CopyProgress): void {
    const state: v.InferOutput<typeof SCHEMA> = {
      kvasir_copy: 1,
      ...this.#identity,
      after,
      totals,
      expiries: expiries.counted.map(([bucket, entries]) => [bucket, entries]),
      done,
    };
    const temporary = `${this.#path}.${process.pid}.tmp`;
    try {
      writeFlushed(temporary, `${JSON.stringify(state)}\n`);
      renameSync(temporary, this.#path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  #text(): string | undefined {
    try {
      return readFileSync(this.#path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  #parse(text: string): CopyProgress {
    const { success, output } = v.safeParse(SCHEMA, jsonOf(text));
    if (!success) {
      throw new Failure(`${this.#path} is not a file that --resume has written.`, {
        hint: "Give the path of another file, or of one to be made.",
      });
    }
    for (const part of ["from", "to", "prefix", "limit"] as const) {
      if (output[part] === this.#identity[part]) continue;
      throw new Failure(
        `${this.#path} belongs to another copy: its --${part} is ${JSON.stringify(output[part])}.`,
        { hint: "Give --resume another file for this copy, or remove this one." },
      );
    }
    return { ...output, expiries: new ExpiryTally(output.expiries) };
  }
}

function writeFlushed(path: string, text: string): void {
  const file = openSync(path, "w", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
