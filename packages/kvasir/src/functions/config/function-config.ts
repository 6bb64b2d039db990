import type { ModuleRule } from "./module-rules.js";

/** A namespace as a function sees it. */
export interface KvBinding {
  /** Its name in `env`. */
  readonly binding: string;
  readonly id: string;
  readonly previewId: string | undefined;
  /** What a new namespace is called. @default the function's name and the binding's */
  readonly title?: string | undefined;
  /** The form of its values in the Telnyx dialect, for a new namespace. @default "raw" */
  readonly valueEncoding?: "raw" | "envelope" | "auto" | undefined;
  /** Of the times to live that an Express-style function gives `kv.set`. @default "s" */
  readonly ttlUnit?: "s" | "ms" | undefined;
}

/** A function's settings, whatever file they came from. */
export interface WorkerConfig {
  readonly name: string;
  /** Absolute path of the entry module; `undefined` when the config names none. */
  readonly main: string | undefined;
  /** The config file; `undefined` for a function file without one. */
  readonly configPath: string | undefined;
  /** The folder that relative paths and module rules start from. */
  readonly root: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly kvNamespaces: readonly KvBinding[];
  /** The name of a Telnyx API client in `env` (`[telnyx] binding` of a func.toml). */
  readonly telnyxBinding?: string | undefined;
  /** A module whose exports the function finds as globals. */
  readonly prelude?: string | undefined;
  /** Strings or any other JSON; local variables (`.dev.vars`) included. */
  readonly vars: Readonly<Record<string, unknown>>;
  /** Those of `vars` that came from `.dev.vars` or `.env` files. */
  readonly localVarNames: readonly string[];
  readonly rules: readonly ModuleRule[];
  /** Files that decide the settings; a change of any of them asks for a new reading. */
  readonly watch: readonly string[];
  readonly warnings: readonly string[];
}
