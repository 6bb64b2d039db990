import type { Diagnostic } from "../bundle/diagnostic.js";
import type { RunnableConfig } from "../config/runnable-config.js";

/** The warnings of settings that were read again, without those that have been reported already. */
export function newWarnings(config: RunnableConfig, before: RunnableConfig): readonly Diagnostic[] {
  return config.warnings
    .filter((message) => !before.warnings.includes(message))
    .map((message) => ({ message, frame: undefined, file: config.configPath }));
}
