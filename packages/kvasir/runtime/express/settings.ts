import type { ScriptSettings } from "../handler/settings.ts";

/** What the generated modules tell an Express-style function's runtime. */
export interface ExpressSettings extends ScriptSettings {
  /** The function's, for reports. */
  readonly name: string;
  /** How long a request may take, in milliseconds. @default {@link EXECUTION_MS_MAX} */
  readonly timeoutMs?: number;
}
