import type { KVNamespace, KvAtomic } from "../../namespace/kv-namespace.js";
import { untilUncontended } from "../shared/contention.js";
import type { RecipeSurroundings } from "../shared/options.js";
import { type Assignments, addTo, type VariantResult } from "./assignments.js";
import type { ExperimentKeys } from "./experiment-keys.js";
import { type ExposureCounting, readExposures, type StoredExposure } from "./exposure-log.js";
import type { Variants } from "./variants.js";

/**
 * Stored assignments. An assignment or exposure is committed together with its
 * count, so the counts are exact.
 */
export function stickyAssignments(
  kv: KVNamespace,
  variants: Variants,
  keys: ExperimentKeys,
  { counting, ...around }: RecipeSurroundings & { readonly counting: ExposureCounting },
): Assignments {
  /** Assigns a variant, unless a concurrent call does. */
  function assignFirst(commit: KvAtomic, user: string): string {
    const key = keys.assignment(user);
    const variant = variants.choose(user);
    commit.check(key, null).put(key, variant).increment(keys.count("assigned", variant));
    return variant;
  }

  function assign(user: string): Promise<string> {
    const key = keys.assignment(user);
    return untilUncontended(
      `the variant of ${JSON.stringify(user)}`,
      async () => {
        const { value: had, version } = await kv.getWithMetadata(key, { type: "text", version: true });
        if (had !== null && variants.keeps(had)) return { result: had };
        const commit = kv.atomic();
        if (had === null) {
          const variant = assignFirst(commit, user);
          return (await commit.commit()).ok ? { result: variant } : undefined;
        }
        // The user's previous variant is retired.
        const variant = variants.choose(user);
        commit
          .check(key, version)
          .put(key, variant)
          .increment(keys.count("assigned", had), -1)
          .increment(keys.count("assigned", variant));
        return (await commit.commit()).ok ? { result: variant } : undefined;
      },
      around,
    );
  }

  /** Records an exposure, and in the same commit the assignment if there is none. */
  async function note(user: string, had: string | null, exposureKey: string): Promise<string | undefined> {
    const commit = kv.atomic();
    const variant = had ?? assignFirst(commit, user);
    const metadata: StoredExposure = { variant, atMs: around.nowMs() };
    commit
      .check(exposureKey, null)
      .put(exposureKey, variant, { metadata })
      .increment(keys.count("exposures", variant));
    return (await commit.commit()).ok ? variant : undefined;
  }

  return {
    assign,
    expose(user) {
      const exposureKey =
        counting === "once"
          ? keys.exposure(user)
          : keys.exposure(user, Math.floor(around.nowMs()), crypto.randomUUID());
      const key = keys.assignment(user);
      return untilUncontended(
        `the exposures of ${JSON.stringify(user)}`,
        async () => {
          const found = await kv.get(counting === "once" ? [key, exposureKey] : [key], "text");
          let had = found.get(key) ?? null;
          if (had !== null && !variants.keeps(had)) had = await assign(user);
          if (had !== null && (found.get(exposureKey) ?? null) !== null) return { result: had };
          const variant = await note(user, had, exposureKey);
          return variant === undefined ? undefined : { result: variant };
        },
        around,
      );
    },
    convert(user, goal) {
      const [key, conversionKey] = [keys.assignment(user), keys.conversion(user, goal)];
      return untilUncontended<string | null>(
        `the conversions of ${JSON.stringify(user)}`,
        async () => {
          const found = await kv.get([key, conversionKey], "text");
          const variant = found.get(key) ?? null;
          if (variant === null || (found.get(conversionKey) ?? null) !== null) return { result: variant };
          const metadata: StoredExposure = { variant, atMs: around.nowMs() };
          const commit = kv
            .atomic()
            .check(conversionKey, null)
            .put(conversionKey, variant, { metadata })
            .increment(keys.count("conversions", variant, goal));
          return (await commit.commit()).ok ? { result: variant } : undefined;
        },
        around,
      );
    },
    async results() {
      const results = new Map<string, VariantResult>();
      for (let cursor: string | undefined, complete = false; !complete; ) {
        const page = await kv.list({ prefix: keys.counts, values: true, cursor });
        for (const { name, value } of page.keys) {
          addTo(results, keys.countedBy(name), Number(value));
        }
        complete = page.list_complete;
        cursor = page.list_complete ? undefined : page.cursor;
      }
      return results;
    },
    exposures: () => readExposures(kv, keys),
    clear: () => kv.deletePrefix(keys.all),
  };
}
