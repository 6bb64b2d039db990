import type { WorkersKV } from "../../namespace/kv-namespace.js";
import type { RecipeSurroundings } from "../shared/options.js";
import { type Assignments, addTo, type VariantResult } from "./assignments.js";
import type { ExperimentKeys } from "./experiment-keys.js";
import { type ExposureCounting, readExposures, type StoredExposure } from "./exposure-log.js";
import type { Variants } from "./variants.js";

/**
 * Assignments on plain Workers KV, which cannot decide which of two writes came first. So assignments are not
 * stored: the hash alone decides, and all processes agree. Each exposure is an entry of its own, which is
 * never overwritten with another value. Exposures are counted by listing them.
 */
export function hashedAssignments(
  kv: WorkersKV,
  variants: Variants,
  keys: ExperimentKeys,
  { nowMs, counting }: RecipeSurroundings & { readonly counting: ExposureCounting },
): Assignments {
  async function note(key: string, variant: string): Promise<void> {
    const metadata: StoredExposure = { variant, atMs: nowMs() };
    await kv.put(key, variant, { metadata });
  }

  return {
    async assign(user) {
      keys.assignment(user);
      return variants.choose(user);
    },
    async expose(user) {
      const variant = variants.choose(user);
      if (counting === "every") {
        await note(keys.exposure(user, Math.floor(nowMs()), crypto.randomUUID()), variant);
        return variant;
      }
      const key = keys.exposure(user);
      if ((await kv.get(key)) === null) await note(key, variant);
      return variant;
    },
    async convert(user, goal) {
      const variant = variants.choose(user);
      const key = keys.conversion(user, goal);
      if ((await kv.get(key)) === null) await note(key, variant);
      return variant;
    },
    async results() {
      const results = new Map<string, VariantResult>();
      for await (const { variant } of readExposures(kv, keys)) {
        addTo(results, { variant, counted: "exposures", goal: "" }, 1);
      }
      for (let cursor: string | undefined, complete = false; !complete; ) {
        const page = await kv.list<StoredExposure>({ prefix: keys.conversions, cursor });
        for (const { name, metadata } of page.keys) {
          const variant = String(metadata?.variant);
          addTo(results, { variant, counted: "conversions", goal: keys.goalOf(name) }, 1);
        }
        complete = page.list_complete;
        cursor = page.list_complete ? undefined : page.cursor;
      }
      return results;
    },
    exposures: () => readExposures(kv, keys),
    async clear() {
      let cleared = 0;
      for (;;) {
        const { keys: found } = await kv.list({ prefix: keys.all });
        if (found.length === 0) return cleared;
        for (const { name } of found) await kv.delete(name);
        cleared += found.length;
      }
    },
  };
}
