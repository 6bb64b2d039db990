import type { WorkerConfig } from "../config/function-config.js";
import { assetRouting } from "./asset-routing.js";
import type { FunctionBuild } from "./function-dialect.js";

type EntryBuild = Pick<
  FunctionBuild,
  "name" | "mode" | "gated" | "prefix" | "testScheduled" | "liveReload" | "logRequests"
> & {
  /** Absent if the function has no assets of its own. */
  readonly config?: WorkerConfig;
};

/** The settings of a function's entry (`EntryOptions` in the runtime), as JSON for its main module. */
export function entryOptions(build: EntryBuild): string {
  const { name, mode, gated, prefix, testScheduled, liveReload, logRequests, config } = build;
  const assets = config && assetRouting(config);
  return JSON.stringify({ name, mode, gated, prefix, testScheduled, liveReload, logRequests, assets });
}
