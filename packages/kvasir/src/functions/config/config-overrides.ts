/** What the command line sets, above the config. */
export interface ConfigOverrides {
  /** The config of the function files that are named without one (`--config`). */
  readonly config?: string | undefined;
  /** Variables (`--var`). They win over those of all files. */
  readonly vars?: Readonly<Record<string, string>> | undefined;
  /** Files with variables, instead of `.dev.vars` and `.env` (`--env-file`). */
  readonly envFiles?: readonly string[] | undefined;
  /** A folder of static assets that replaces `assets.directory`. Relative to the working directory. */
  readonly assets?: string | undefined;
  /** A folder that replaces `site.bucket`. Relative to the working directory. */
  readonly site?: string | undefined;
  /** Values of further keys, in the form that they have in a wrangler config. Paths are absolute. */
  readonly keys?: Readonly<Record<string, unknown>> | undefined;
}

/** Keys whose entries a flag adds to those of the config. */
const MERGED = new Set(["define", "alias"]);

/** Puts the keys of the command line over those of the config. */
export function withOverrides<Keys extends object>(
  config: Keys,
  overrides: ConfigOverrides | undefined,
): Keys {
  const before = config as Readonly<Record<string, unknown>>;
  const keys = Object.entries(overrides?.keys ?? {}).map(([key, value]) => [
    key,
    MERGED.has(key) ? { ...(before[key] as object | undefined), ...(value as object) } : value,
  ]);
  return { ...config, ...Object.fromEntries(keys) };
}
