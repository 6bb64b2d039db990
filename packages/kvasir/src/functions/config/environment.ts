import { FunctionError } from "../../failure/function-error.js";
import type { ConfigDocument } from "./config-document.js";
import type { RawConfig, RawEnvironment } from "./config-schema.js";
import { isEmpty } from "./empty-value.js";
import { NOT_INHERITED, TOP_LEVEL_ONLY } from "./known-keys.js";

export interface ChosenEnvironment {
  readonly keys: RawEnvironment;
  readonly warning: string | undefined;
}

/**
 * The keys that apply in an environment: its own, and those of the top level that wrangler lets it inherit. In
 * a config without environments, the name of one still chooses `.dev.vars.<env>`, as in wrangler.
 *
 * @throws FunctionError if the config has environments, but not this one
 */
export function chooseEnvironment(
  document: ConfigDocument,
  { env: environments = {}, ...top }: RawConfig,
  env: string | undefined,
): ChosenEnvironment {
  // A build tool has chosen the environment already.
  if (env === undefined || "targetEnvironment" in top) return { keys: top, warning: undefined };
  const named = top.name === undefined ? {} : { name: `${top.name}-${env}` };
  const chosen = environments[env];
  if (chosen !== undefined) {
    return {
      keys: { ...without(NOT_INHERITED, top), ...named, ...without(TOP_LEVEL_ONLY, chosen) },
      warning: undefined,
    };
  }
  const known = Object.keys(environments);
  if (known.length === 0) {
    const warning = `${document.path}: there is no environment "${env}"; running with the settings of the top level.`;
    return { keys: { ...top, ...named }, warning };
  }
  throw new FunctionError(`${document.locate(["env"])}: there is no environment "${env}".`, {
    hint: `Choose one of ${known.join(", ")} with --env.`,
  });
}

/** The top-level keys that an environment lacks and does not inherit. */
export function notRepeated(top: object, chosen: object | undefined): readonly string[] {
  if (chosen === undefined) return [];
  return Object.entries(top)
    .filter(([key, value]) => NOT_INHERITED.has(key) && !(key in chosen) && !isEmpty(value))
    .map(([key]) => key);
}

function without(keys: ReadonlySet<string>, environment: RawEnvironment): RawEnvironment {
  return Object.fromEntries(Object.entries(environment).filter(([key]) => !keys.has(key)));
}
