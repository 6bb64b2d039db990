import type { AtomicCheck, AtomicMutation, Transport } from "./backend.js";
import { dictionary, optionalInt32, optionalSeconds } from "./coerce.js";
import { KvError } from "./errors.js";
import { failure } from "./failure.js";
import { incrementBy } from "./increment.js";
import { keyName } from "./keys.js";
import type { KvAtomic, KvCommitResult } from "./kv-namespace.js";
import { metadataText } from "./metadata.js";
import { atomicValue } from "./put-value.js";
import { versionArgument } from "./version.js";

/** Collects checks and changes; nothing happens before `commit`. What is wrong with one of them rejects there. */
export class Atomic implements KvAtomic {
  readonly #transport: Transport;
  readonly #checks: AtomicCheck[] = [];
  readonly #mutations: AtomicMutation[] = [];
  #committed = false;
  #wrong: { readonly error: unknown } | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  check(key: unknown, version: unknown): this {
    return this.#collect(() => {
      this.#checks.push({ key: keyName(key), version: version === null ? null : versionArgument(version) });
    });
  }

  put(key: unknown, value: unknown, options?: unknown): this {
    return this.#collect(() => {
      const given = dictionary(options, "put() takes an object of options");
      if (given["ifAbsent"] === true) this.check(key, null);
      if (given["ifVersion"] !== undefined) this.check(key, given["ifVersion"]);
      this.#mutations.push({
        type: "put",
        key: keyName(key),
        value: atomicValue(value),
        expiration: optionalSeconds(given["expiration"]),
        expirationTtl: optionalSeconds(given["expirationTtl"]),
        metadata: metadataText(given["metadata"]),
      });
    });
  }

  delete(key: unknown): this {
    return this.#collect(() => this.#mutations.push({ type: "delete", key: keyName(key) }));
  }

  increment(key: unknown, by: unknown = 1, options?: unknown): this {
    return this.#collect(() => {
      const given = dictionary(options, "increment() takes an object of options");
      this.#mutations.push({
        type: "increment",
        key: keyName(key),
        by: incrementBy(by),
        expirationTtl: optionalInt32(given["expirationTtl"]),
      });
    });
  }

  async commit(): Promise<KvCommitResult> {
    if (this.#wrong !== undefined) throw failure("ATOMIC", this.#wrong.error);
    try {
      // A second commit would repeat what was meant to happen once.
      if (this.#committed) throw new KvError("bad_request", "This atomic() was committed before");
      this.#committed = true;
      const version = await this.#transport.atomic(this.#checks, this.#mutations);
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
