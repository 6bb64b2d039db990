import type { AtomicCheck, AtomicMutation, NamespaceBackend } from "./backend.js";
import { KvError } from "./errors.js";
import { failure } from "./failure.js";
import { keyName } from "./keys.js";
import type { KvAtomic, KvCommitResult } from "./kv-namespace.js";
import { ATOMIC_SECONDS_MAX } from "./limits.js";
import { INCREMENT_OPTIONS, notOptions, PUT_OPTIONS, parseOptions } from "./options.js";
import { atomicValue } from "./put-value.js";

/** Collects checks and changes; nothing happens before `commit`. What is wrong with one of them rejects there. */
export class Atomic implements KvAtomic {
  readonly #backend: NamespaceBackend;
  readonly #checks: AtomicCheck[] = [];
  readonly #mutations: AtomicMutation[] = [];
  #committed = false;
  #wrong: { readonly error: unknown } | undefined;

  constructor(backend: NamespaceBackend) {
    this.#backend = backend;
  }

  check(key: unknown, version: unknown): this {
    return this.#collect(() => {
      // Not coerced: the backend refuses what is not a version.
      this.#checks.push({ key: keyName(key), version: version as number | null });
    });
  }

  put(key: unknown, value: unknown, options?: unknown): this {
    return this.#collect(() => {
      const wrong = notOptions("put");
      const parsed = parseOptions(options, PUT_OPTIONS, wrong, ATOMIC_SECONDS_MAX);
      const { ifAbsent, ifVersion, ...query } = parsed;
      if (ifAbsent) this.check(key, null);
      if (ifVersion !== undefined) this.check(key, ifVersion);
      this.#mutations.push({ type: "put", key: keyName(key), value: atomicValue(value), ...query });
    });
  }

  delete(key: unknown): this {
    return this.#collect(() => this.#mutations.push({ type: "delete", key: keyName(key) }));
  }

  increment(key: unknown, by: unknown = 1, options?: unknown): this {
    return this.#collect(() => {
      const query = parseOptions(options, INCREMENT_OPTIONS, notOptions("increment"));
      this.#mutations.push({ type: "increment", key: keyName(key), by: by as number, ...query });
    });
  }

  async commit(): Promise<KvCommitResult> {
    if (this.#wrong !== undefined) throw failure("ATOMIC", this.#wrong.error);
    try {
      // A second commit would repeat what was meant to happen once.
      if (this.#committed) throw new KvError("bad_request", "This atomic() was committed before");
      this.#committed = true;
      const version = await this.#backend.atomic(this.#checks, this.#mutations);
      return version === null ? { ok: false, version } : { ok: true, version };
    } catch (error) {
      throw failure("ATOMIC", error);
    }
  }

  #collect(add: () => void): this {
    try {
      add();
    } catch (error) {
      this.#wrong ??= { error };
    }
    return this;
  }
}
