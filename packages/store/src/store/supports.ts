/**
 * What an engine can do. Callers adapt to it, and the conformance suites skip what an engine does not claim.
 */
export interface StoreSupport {
  /** `commit()` takes any keys of a namespace. Otherwise all keys of one commit share a `{tag}`. */
  readonly atomicAcrossKeys: boolean;
  /** Acknowledged writes are still there after the process is killed and the store is opened again. */
  readonly durable: boolean;
  /** Other processes may open the same data at the same time. */
  readonly multiProcess: boolean;
  /**
   * A read sees every write that was acknowledged before it, and a key takes writes as fast as they come.
   * Otherwise reads may be a minute old, and frequent writes of a key are refused (`rate_limited`).
   */
  readonly strong: boolean;
}
