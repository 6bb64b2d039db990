import type { KVNamespace } from "@kvasir/client";
import type { Assert } from "./assert.js";

/** The clock of the store under test. */
export interface CaseClock {
  /** Seconds since the epoch, rounded down. */
  nowSeconds(): Promise<number>;
  advance(ms: number): Promise<void>;
}

export interface CaseContext {
  /** An empty namespace. */
  readonly kv: KVNamespace;
  /** The same namespace without types, for arguments that they forbid. */
  readonly loose: LooseNamespace;
  readonly clock: CaseClock;
  readonly assert: Assert;
}

/**
 * One promise of a namespace, as data. The same table runs in Node and, by name, inside a Worker, so cases
 * import neither a test runner nor anything of Node.
 */
export interface NamespaceCase {
  readonly name: string;
  /** The reason why Kvasir differs from native workerd here. */
  readonly differs?: string;
  readonly run: (context: CaseContext) => Promise<void>;
}

type Loose = (...args: unknown[]) => Promise<unknown>;

export interface LooseNamespace {
  get: Loose;
  getWithMetadata: Loose;
  put: Loose;
  delete: Loose;
  list: Loose;
  increment: Loose;
  touch: Loose;
  count: Loose;
  deletePrefix: Loose;
}

export function looseNamespace(kv: KVNamespace): LooseNamespace {
  return kv as unknown as LooseNamespace;
}
