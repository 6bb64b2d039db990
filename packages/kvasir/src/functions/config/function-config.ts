import type { UnsupportedBinding } from "../../wire/absent-binding.js";
import type { Site } from "../assets/site.js";
import type { StaticAssets } from "../assets/static-assets.js";
import type { Bundling } from "./bundling.js";
import type { DevSettings } from "./dev-settings.js";
import type { DurableObjects } from "./durable-objects.js";
import type { ListedBinding } from "./listed-binding.js";
import type { ModuleRule } from "./module-rules.js";
import type { RateLimitBinding } from "./rate-limits.js";
import type { Route } from "./routes.js";
import type { ServiceBinding } from "./services.js";
import type { CronTrigger } from "./triggers.js";

/** A namespace that is bound to a function. */
export interface KvBinding {
  /** The name in `env`. */
  readonly binding: string;
  readonly id: string;
  readonly previewId: string | undefined;
  /** Title for a namespace that is created. @default the names of the function and of the binding */
  readonly title?: string | undefined;
  /** Encoding of its values in the Telnyx dialect, if the namespace is created. @default "raw" */
  readonly valueEncoding?: "raw" | "envelope" | "auto" | undefined;
  /** Unit of the TTLs that an Express-style function gives to `kv.set`. @default "s" */
  readonly ttlUnit?: "s" | "ms" | undefined;
}

/** A function's settings, independent of the format of its config. */
export interface WorkerConfig {
  readonly name: string;
  /** Absolute path of the entry module. `undefined` if the config does not name one. */
  readonly main: string | undefined;
  /** The config file. `undefined` for a function file without a config. */
  readonly configPath: string | undefined;
  /** The folder that relative paths and module rules are relative to. */
  readonly root: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly kvNamespaces: readonly KvBinding[];
  readonly crons: readonly CronTrigger[];
  readonly rateLimits: readonly RateLimitBinding[];
  /** The name of the binding with facts about the running version. `undefined` if there is none. */
  readonly versionMetadata: string | undefined;
  /** The name of a Telnyx API client in `env` (`[telnyx] binding` of a func.toml). */
  readonly telnyxBinding?: string | undefined;
  /** A module whose exports become globals of the function. */
  readonly prelude?: string | undefined;
  /** Strings or other JSON values. Includes local variables (`.dev.vars`). */
  readonly vars: Readonly<Record<string, unknown>>;
  /** Names in `vars` that come from `.dev.vars` or `.env` files. */
  readonly localVarNames: readonly string[];
  /** Names in `secrets.required`. A secret without a local value is not in `vars`. */
  readonly requiredSecrets?: readonly string[] | undefined;
  /** Names in `vars` whose values are not shown: local variables and those of the command line. */
  readonly hiddenVarNames?: readonly string[] | undefined;
  /** Bindings of kinds that Kvasir does not have. Their calls fail. @default none */
  readonly unsupportedBindings?: readonly UnsupportedBinding[];
  /** Bindings other than namespaces and variables, for the table of bindings. */
  readonly otherBindings?: readonly ListedBinding[] | undefined;
  readonly rules: readonly ModuleRule[];
  /** How the function is built. */
  readonly bundling: Bundling;
  readonly assets?: StaticAssets | undefined;
  /** The files of Workers Sites. */
  readonly site?: Site | undefined;
  /** Bindings to other Workers of the same `dev` or `serve`. */
  readonly serviceBindings?: readonly ServiceBinding[];
  readonly durableObjects?: DurableObjects;
  /** The addresses that lead to the Worker if several Workers run. @default only its name */
  readonly routes?: readonly Route[];
  /** Where `dev` listens, unless its flags say it. */
  readonly dev?: DevSettings | undefined;
  /** Files that the settings depend on. If one changes, the settings must be read again. */
  readonly watch: readonly string[];
  readonly warnings: readonly string[];
}
