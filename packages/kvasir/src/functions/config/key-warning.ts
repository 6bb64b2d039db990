import type { IgnoredKeys, UnexpectedKey } from "./check-keys.js";
import { didYouMean } from "./did-you-mean.js";
import { type KeyPath, keyText } from "./key-path.js";
import { TOP_LEVEL_ONLY } from "./known-keys.js";
import { bindsUnsupported } from "./unsupported-bindings.js";

export interface KeyWarningOptions {
  /** The path of the config. */
  readonly where: string;
  readonly ignored: Partial<IgnoredKeys>;
  readonly env?: string | undefined;
  /** Top-level keys that the environment does not inherit and does not have. */
  readonly notRepeated?: readonly string[];
}

/** One warning that lists every key without effect. `undefined` if there are none. */
export function keyWarning({ where, ignored, env, notRepeated = [] }: KeyWarningOptions): string | undefined {
  const { unsupported = [], unexpected = [], ignored: withoutEffect = [], outdated = [] } = ignored;
  const ofKind = (wanted: KeyKind) => unsupported.filter((path) => kindOf(path) === wanted);
  const lines = [
    ...notSupported(ofKind("setting")),
    ...notSupported(ofKind("binding"), " Calls of such a binding fail."),
    ...notSupported(ofKind("discarding"), " Data points are discarded."),
    ...(unexpected.length === 0 ? [] : [`unexpected: ${unexpected.map(withSuggestion).join(", ")}.`]),
    ...withoutEffect.map(({ path, advice }) => `ignored: ${keyText(path)}: ${advice}.`),
    ...outdated.map(({ path, advice }) => `outdated: ${keyText(path)} ${advice}.`),
    ...(notRepeated.length === 0
      ? []
      : [
          `not inherited: ${notRepeated.join(", ")}. They are at the top level, but not in env.${env}: repeat them there.`,
        ]),
  ];
  if (lines.length === 0) return undefined;
  return [`${where}: some keys of this config have no effect.`, ...lines.map((line) => `  ${line}`)].join(
    "\n",
  );
}

type KeyKind = "setting" | "binding" | "discarding";

function kindOf(path: KeyPath): KeyKind {
  const key = String(path.at(-1));
  if (key === "analytics_engine_datasets") return "discarding";
  return bindsUnsupported(key) ? "binding" : "setting";
}

function notSupported(paths: readonly KeyPath[], consequence = ""): readonly string[] {
  return paths.length === 0 ? [] : [`not supported: ${paths.map(keyText).join(", ")}.${consequence}`];
}

function withSuggestion({ path, known }: UnexpectedKey): string {
  const name = String(path.at(-1));
  if (path[0] === "env" && path.length === 3 && TOP_LEVEL_ONLY.has(name)) {
    return `${keyText(path)} (it counts at the top level only)`;
  }
  const nearest = didYouMean(name, known);
  return nearest === undefined ? keyText(path) : `${keyText(path)} (did you mean ${nearest}?)`;
}
