import type { WorkersKV } from "../../namespace/kv-namespace.js";
import { wholeNumber } from "../options.js";
import type { ExperimentKeys } from "./experiment-keys.js";

/** Which exposures count: each user's first, or every one. */
export type ExposureCounting = "once" | "every";

/** That a user met a variant. */
export interface Exposure {
  readonly user: string;
  readonly variant: string;
  /** Milliseconds since the epoch, by the clock of the process that noted it. */
  readonly atMs: number;
}

/** What is stored beside the key, which names the user: in the metadata, so that a list of keys has it all. */
export type StoredExposure = Omit<Exposure, "user">;

/** Every exposure noted, by user. One request for each 1,000. */
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
