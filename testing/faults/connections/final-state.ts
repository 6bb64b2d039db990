import { SETTLE_MS_MAX } from "./limits.js";
import type { Model } from "./model.js";
import type { SessionOutcome } from "./session.js";
import type { Target } from "./target.js";

interface StoredEntry {
  readonly value: string;
  readonly metadata: string | null;
  readonly version: number;
}

/**
 * Compares what is stored under a prefix with the valid states.
 *
 * @returns what is wrong, or `undefined` if the state is valid
 */
export async function wrongState(
  target: Target,
  { prefix, outcome: { models } }: { readonly prefix: string; readonly outcome: SessionOutcome },
): Promise<string | undefined> {
  const deadline = Date.now() + SETTLE_MS_MAX;
  for (;;) {
    const stored = await read(target, prefix);
    const wrongs = models.map((model) => difference(stored, model));
    if (wrongs.includes(undefined)) return undefined;
    // A request that was in flight when its client disconnected may still be carried out. Nothing else may
    // change.
    if (models.length === 1 || Date.now() > deadline) {
      return `after the last response, of ${models.length} right states none is there: ${wrongs[0]}; or ${wrongs.at(-1)}`;
    }
  }
}

async function read(target: Target, prefix: string): Promise<Map<string, StoredEntry>> {
  const stored = new Map<string, StoredEntry>();
  const { binding } = target.surroundings(prefix);
  const query = new URLSearchParams({ prefix, values: "true", versions: "true" });
  for (;;) {
    const response = await target.api.fetch(`${binding}/?${query}`);
    if (response.status !== 200)
      throw new Error(`The final list was answered ${response.status}: ${await response.text()}`);
    const { keys, cursor } = (await response.json()) as {
      readonly keys: readonly { name: string; value: string; metadata?: string; version: number }[];
      readonly cursor?: string;
    };
    for (const { name, value, metadata = null, version } of keys) {
      stored.set(name.slice(prefix.length), { value, metadata, version });
    }
    if (cursor === undefined) return stored;
    query.set("cursor", cursor);
  }
}

function difference(stored: ReadonlyMap<string, StoredEntry>, model: Model): string | undefined {
  for (const key of stored.keys()) if (model.get(key) === undefined) return `${key} is there`;
  for (const key of model.keys()) {
    const entry = model.get(key);
    const there = stored.get(key);
    if (there === undefined) return `${key} is gone`;
    if (there.value !== entry?.value.toString())
      return `${key} has another value: ${there.value.slice(0, 80)}`;
    if (there.metadata !== entry.metadata) return `${key} has the metadata ${there.metadata}`;
    if (entry.version !== undefined && there.version !== entry.version) {
      return `${key} is at version ${there.version}, not ${entry.version}`;
    }
  }
  return undefined;
}
