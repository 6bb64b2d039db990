import { EMBEDDED, noEngineError, parseLocator } from "../store/locator.js";
import { parseClusterLocator } from "./cluster/locator.js";

/** The schemes of data in a cluster, and whether connections are encrypted. */
export const CLUSTER_SCHEMES: ReadonlyMap<string, { readonly tls: boolean }> = new Map([
  ["valkey", { tls: false }],
  ["redis", { tls: false }],
  ["valkeys", { tls: true }],
  ["rediss", { tls: true }],
]);

/**
 * The data directory that a locator names; `null` for data in a cluster. Opens nothing and loads no engine.
 *
 * @throws KvError `unsupported` for a scheme without an engine, `bad_request` for a malformed locator
 */
export function directoryOf(locator: string): string | null {
  const { engine, rest } = parseLocator(locator);
  if (engine === EMBEDDED) return rest;
  const transport = CLUSTER_SCHEMES.get(engine);
  if (transport === undefined) throw noEngineError(engine);
  parseClusterLocator(rest, transport);
  return null;
}
