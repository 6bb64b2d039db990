import type { WorkersKV } from "../../namespace/kv-namespace.js";
import { wholeNumber } from "../shared/options.js";
import type { ExperimentKeys } from "./experiment-keys.js";

/** Whether only each user's first exposure counts, or every one. */
export type ExposureCounting = "once" | "every";

/** A record that a user was shown a variant. */
export interface Exposure {
  readonly user: string;
  readonly variant: string;
  /** Milliseconds since the epoch, by the clock of the process that recorded it. */
  readonly atMs: number;
}

/** Stored as metadata of the key, which contains the user. So a list of keys returns everything. */
export type StoredExposure = Omit<Exposure, "user">;

/** Yields every recorded exposure, ordered by user. One request for each 1,000. */
export async function* readExposures(kv: WorkersKV, keys: ExperimentKeys): AsyncGenerator<Exposure, void> {
  for (let cursor: string | undefined, complete = false; !complete; ) {
    const page = await kv.list<StoredExposure>({ prefix: keys.exposures, cursor });
    for (const { name, metadata } of page.keys) {
      if (metadata === undefined) continue;
      const { variant, atMs } = metadata;
      yield {
        user: keys.userOf(name),
        variant: String(variant),
        atMs: wholeNumber("atMs", atMs, { min: 0 }),
      };
    }
    complete = page.list_complete;
    cursor = page.list_complete ? undefined : page.cursor;
  }
}
