import { KvError } from "../../namespace/errors.js";
import type { KVNamespace, WorkersKV } from "../../namespace/kv-namespace.js";
import { BULK_GET_KEYS_MAX } from "../../namespace/limits.js";
import type { RecipeBinding } from "../shared/binding.js";
import { keyPart, recipeKey } from "../shared/key.js";
import { type Flag, type FlagDefinition, parseFlag } from "./definition.js";

/** A definition as read, and its parsed form. */
export interface FlagEntry {
  readonly definition: FlagDefinition;
  readonly flag: Flag;
}

/** A flag's definition with its name. */
export interface NamedFlag {
  readonly name: string;
  readonly definition: FlagDefinition;
  /** Pass it to `update`. `null` on plain Workers KV, which has no versions. */
  readonly version: number | null;
}

/**
 * The stored flags. Each is an entry of its own, so that concurrent edits of two flags do not undo each
 * other.
 */
export class FlagEntries {
  readonly #kv: WorkersKV;
  readonly #atomic: KVNamespace | undefined;
  readonly #prefix: string;

  constructor({ kv, atomic }: RecipeBinding, prefix: string) {
    this.#kv = kv;
    this.#atomic = atomic;
    this.#prefix = prefix;
  }

  key(name: string): string {
    return recipeKey(this.#prefix, name);
  }

  /** One request for each hundred flags. */
  async read(names: readonly string[]): Promise<Map<string, FlagEntry | null>> {
    const [only, ...others] = names;
    // On Workers KV a bulk read costs more than a plain read.
    if (only === undefined || others.length > 0) return this.#readMany(names);
    return new Map([[only, entryOf(only, await this.#kv.get(this.key(only)))]]);
  }

  async #readMany(names: readonly string[]): Promise<Map<string, FlagEntry | null>> {
    const keyed = names.map((name) => [name, this.key(name)] as const);
    const found = new Map<string, FlagEntry | null>();
    for (let at = 0; at < keyed.length; at += BULK_GET_KEYS_MAX) {
      const part = keyed.slice(at, at + BULK_GET_KEYS_MAX);
      const texts = await this.#kv.get(part.map(([, key]) => key));
      for (const [name, key] of part) found.set(name, entryOf(name, texts.get(key) ?? null));
    }
    return found;
  }

  async getVersioned(name: string): Promise<NamedFlag | null> {
    const key = this.key(name);
    const { value, version } =
      this.#atomic === undefined
        ? { value: await this.#kv.get(key), version: null }
        : await this.#atomic.getWithMetadata(key, { type: "text", version: true });
    const entry = entryOf(name, value);
    return entry && { name, definition: entry.definition, version };
  }

  async list(): Promise<NamedFlag[]> {
    const flags: NamedFlag[] = [];
    for (let cursor: string | undefined, complete = false; !complete; ) {
      // Plain Workers KV ignores unknown options and returns only the names.
      const page = await this.#kv.list({ prefix: this.#prefix, cursor, values: true, versions: true });
      const names = page.keys.map((key) => keyPart(key.name.slice(this.#prefix.length)));
      const rest =
        this.#atomic === undefined ? await this.#readMany(names) : new Map<string, FlagEntry | null>();
      for (const [at, key] of page.keys.entries()) {
        const name = names[at] as string;
        const entry = rest.get(name) ?? entryOf(name, key.value ?? null);
        if (entry !== null) flags.push({ name, definition: entry.definition, version: key.version ?? null });
      }
      complete = page.list_complete;
      cursor = page.list_complete ? undefined : page.cursor;
    }
    return flags;
  }
}

/** @throws KvError `value_invalid` if the text is not a definition */
function entryOf(name: string, text: string | null): FlagEntry | null {
  if (text === null) return null;
  try {
    const definition = JSON.parse(text) as FlagDefinition;
    return { definition, flag: parseFlag(name, definition) };
  } catch (cause) {
    const { message } = cause as Error;
    throw new KvError(
      "value_invalid",
      `What is stored as the flag ${JSON.stringify(name)} is none: ${message}`,
      {
        hint: "Write it again with set(), or give the flags a prefix that nothing else uses.",
        cause,
      },
    );
  }
}
