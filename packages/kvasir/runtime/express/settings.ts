import type { ScriptSettings } from "../handler/settings.js";

/** Settings that the generated modules pass to the runtime of an Express-style function. */
export interface ExpressSettings extends ScriptSettings {
  /** The name of the function, for reports. */
  readonly name: string;
  /** How long a request may take, in milliseconds. @default {@link EXECUTION_MS_MAX} */
  readonly timeoutMs?: number;
}
