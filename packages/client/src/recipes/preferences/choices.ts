import { KvError } from "../../namespace/errors.js";
import type { KVNamespace, WorkersKV } from "../../namespace/kv-namespace.js";
import type { Guarantee } from "../shared/binding.js";
import { isObject, type JsonObject } from "./json-value.js";
import { PREFERENCES_BYTES_MAX } from "./limits.js";

/** The stored choices of a user. */
export interface ChosenPreferences {
  readonly own: JsonObject;
  /** `null` if nothing is stored, and on a plain binding. */
  readonly version: number | null;
}

/** Reads and writes users' choices. Writes are conditional if the binding supports it. */
export class Choices {
  readonly #kv: WorkersKV;
  readonly #atomic: KVNamespace | undefined;

  constructor(kv: WorkersKV, atomic: KVNamespace | undefined) {
    this.#kv = kv;
    this.#atomic = atomic;
  }

  get guarantee(): Guarantee {
    return this.#atomic === undefined ? "best-effort" : "atomic";
  }

  /** @throws KvError `value_not_json` for a value of another program */
  async read(key: string): Promise<ChosenPreferences> {
    if (this.#atomic === undefined) return { own: parse(key, await this.#kv.get(key)), version: null };
    const { value, version } = await this.#atomic.getWithMetadata(key, { type: "text", version: true });
    return { own: parse(key, value), version };
  }

  /**
   * @param ifVersion `null`: only if nothing is stored; `undefined`: unconditionally
   * @returns the new version; `undefined` if the stored version differs
   */
  async write(
    key: string,
    own: JsonObject,
    ifVersion: number | null | undefined,
  ): Promise<number | null | undefined> {
    const text = boundedText(own);
    if (this.#atomic === undefined) {
      await this.#kv.put(key, text);
      return null;
    }
    if (ifVersion === undefined) return (await this.#atomic.atomic().put(key, text).commit()).version;
    const condition = ifVersion === null ? ({ ifAbsent: true } as const) : { ifVersion };
    const { ok, version } = await this.#atomic.put(key, text, condition);
    return ok ? version : undefined;
  }

  async remove(key: string): Promise<void> {
    await this.#kv.delete(key);
  }

  /** @throws KvError `atomics_required`, because a plain binding would ignore the condition */
  checkCondition(ifVersion: number | null | undefined): void {
    if (ifVersion === undefined || this.#atomic !== undefined) return;
    throw new KvError("atomics_required", "`ifVersion` needs a namespace with atomic operations.", {
      hint: "This binding is a plain Workers KV one. Leave `ifVersion` out, or use a Kvasir namespace.",
    });
  }
}

export function conditionFailed(ifVersion: number | null | undefined): KvError {
  const message =
    ifVersion === null ? "There are preferences already." : `They are not at version ${ifVersion} any more.`;
  return new KvError("condition_failed", message, { hint: "Read them again, and decide anew." });
}

/** @throws KvError `value_too_large` */
function boundedText(own: JsonObject): string {
  const text = JSON.stringify(own);
  const bytes = new TextEncoder().encode(text).byteLength;
  if (bytes <= PREFERENCES_BYTES_MAX) return text;
  throw new KvError(
    "value_too_large",
    `These preferences have ${bytes} bytes; ${PREFERENCES_BYTES_MAX} fit.`,
    {
      hint: "Keep what is large under a key of its own, and its name here.",
    },
  );
}

function parse(key: string, text: string | null): JsonObject {
  if (text === null) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Reported below, like JSON of another shape.
  }
  throw new KvError("value_not_json", `What is stored under ${JSON.stringify(key)} are no preferences.`, {
    hint: "Give preferences a prefix, or a namespace, that nothing else writes to.",
  });
}
