import { FunctionError } from "../../failure/function-error.js";
import type { ConfigDocument } from "./config-document.js";
import type { RawConfig, RawEnvironment } from "./config-schema.js";
import { isEmpty } from "./empty-value.js";
import { NOT_INHERITED, TOP_LEVEL_ONLY } from "./known-keys.js";

/**
 * The keys that apply in an environment: its own, and those of the top level that wrangler lets it inherit.
 *
 * @throws FunctionError if the config has environments, but not this one
 */
export function chooseEnvironment(
  document: ConfigDocument,
  { env: environments = {}, ...top }: RawConfig,
  env: string | undefined,
): RawEnvironment {
  if (env === undefined) return top;
  const named = top.name === undefined ? {} : { name: `${top.name}-${env}` };
  const chosen = environments[env];
  if (chosen !== undefined) {
    return { ...without(NOT_INHERITED, top), ...named, ...without(TOP_LEVEL_ONLY, chosen) };
  }
  const known = Object.keys(environments);
  throw new FunctionError(`${document.locate(["env"])}: there is no environment "${env}".`, {
    hint:
      known.length === 0
        ? `Add "env": { "${env}": { … } } to the config, or leave --env out.`
        : `Choose one of ${known.join(", ")} with --env.`,
  });
}

/** The top-level keys that an environment lacks and does not inherit. */
export function notRepeated(top: object, chosen: object): readonly string[] {
  return Object.entries(top)
    .filter(([key, value]) => NOT_INHERITED.has(key) && !(key in chosen) && !isEmpty(value))
    .map(([key]) => key);
}

function without(keys: ReadonlySet<string>, environment: RawEnvironment): RawEnvironment {
  return Object.fromEntries(Object.entries(environment).filter(([key]) => !keys.has(key)));
}
