import { FunctionError } from "../../failure/function-error.js";
import type { ConfigDocument } from "./config-document.js";
import { isEmpty } from "./empty-value.js";
import { type KeyPath, keyText } from "./key-path.js";
import {
  HARMLESS,
  HONOURED,
  type Members,
  NOT_INHERITED,
  OUTDATED,
  type Shape,
  TOP_LEVEL_ONLY,
  UNSUPPORTED,
  WRITTEN_BY_TOOLS,
  WRITTEN_DEFAULTS,
} from "./known-keys.js";
import { hasOnlyRateLimits } from "./rate-limits.js";

/** The keys of a config that have no effect here. */
export interface IgnoredKeys {
  /** Keys of wrangler on which Kvasir does not act. */
  readonly unsupported: readonly KeyPath[];
  /** Keys that nobody knows, with the names that are known in their place. */
  readonly unexpected: readonly UnexpectedKey[];
  /** Keys of wrangler without an effect here. */
  readonly ignored: readonly KeyWithAdvice[];
  /** Keys of older versions of wrangler. */
  readonly outdated: readonly KeyWithAdvice[];
}

export interface KeyWithAdvice {
  readonly path: KeyPath;
  readonly advice: string;
}

export interface UnexpectedKey {
  readonly path: KeyPath;
  readonly known: readonly string[];
}

/**
 * Compares every key of a config with the list of known ones. Environments other than `env` are searched for
 * unexpected keys only: what they use is not needed now.
 *
 * @throws FunctionError that names file, line and key if a value has a wrong type
 */
export function checkKeys(document: ConfigDocument, env: string | undefined): IgnoredKeys {
  const found: Found = { unsupported: [], unexpected: [], ignored: [], outdated: [] };
  const { env: environments, ...top } = objectOf(document.value);
  const check = new KeyCheck(document, found);
  check.level(top, [], TOP_LEVEL);
  for (const [name, keys] of Object.entries(objectOf(environments))) {
    check.level(objectOf(keys), ["env", name], ENVIRONMENT);
  }
  return { ...found, unsupported: found.unsupported.filter((path) => applies(path, document, env)) };
}

type Found = { -readonly [Kind in keyof IgnoredKeys]: IgnoredKeys[Kind][number][] };

const TOP_LEVEL: Members = { ...HONOURED, ...HARMLESS };
const ENVIRONMENT: Members = Object.fromEntries(
  Object.entries(TOP_LEVEL).filter(([key]) => !TOP_LEVEL_ONLY.has(key)),
);

class KeyCheck {
  readonly #document: ConfigDocument;
  readonly #found: Found;

  constructor(document: ConfigDocument, found: Found) {
    this.#document = document;
    this.#found = found;
  }

  /** The top level or one environment. */
  level(keys: Readonly<Record<string, unknown>>, at: KeyPath, known: Members): void {
    const isKnown = (key: string) =>
      Object.hasOwn(known, key) || (UNSUPPORTED.has(key) && !(at.length > 0 && TOP_LEVEL_ONLY.has(key)));
    for (const [key, value] of Object.entries(keys)) {
      const path = [...at, key];
      if (UNSUPPORTED.has(key) && isKnown(key)) this.#unsupported(path, value);
      else if (!WRITTEN_BY_TOOLS.has(key)) this.#member(key, value, path, known, at);
    }
  }

  #member(key: string, value: unknown, path: KeyPath, known: Members, at: KeyPath): void {
    const shape = Object.hasOwn(known, key) ? known[key] : known["*"];
    if (shape !== undefined) {
      this.#value(value, shape, path);
      return;
    }
    const advice = OUTDATED[inLevel(path).join(".")];
    if (advice !== undefined) this.#found.outdated.push({ path, advice });
    else this.#found.unexpected.push({ path, known: knownNames(known, at) });
  }

  #value(value: unknown, shape: Shape, path: KeyPath): void {
    if (shape === "unsupported") this.#unsupported(path, value);
    if (shape === "unsupported" || shape === "any") return;
    if (typeof shape === "string" && shape.startsWith(IGNORED)) {
      const isDefault = isEmpty(value) || WRITTEN_DEFAULTS[inLevel(path).join(".")] === value;
      if (!isDefault) this.#found.ignored.push({ path, advice: shape.slice(IGNORED.length) });
      return;
    }
    const wanted = alternatives(shape);
    const fitting = wanted.find((candidate) => fits(value, candidate));
    if (fitting === undefined) {
      const expected = wanted.map(description).join(" or ");
      throw new FunctionError(
        `${this.#document.locate(path)}: ${keyText(path)} must be ${expected}, and not ${shown(value)}.`,
      );
    }
    if (isList(fitting)) {
      for (const [index, item] of (value as unknown[]).entries()) {
        this.#value(item, fitting[0], [...path, index]);
      }
    } else if (typeof fitting === "object") {
      for (const [key, inner] of Object.entries(value as object)) {
        this.#member(key, inner, [...path, key], fitting as Members, path);
      }
    }
  }

  #unsupported(path: KeyPath, value: unknown): void {
    const isUsed = path.at(-1) === "unsafe" && hasOnlyRateLimits(value);
    if (!isEmpty(value) && !isUsed) this.#found.unsupported.push(path);
  }
}

const IGNORED = "ignored: ";

function knownNames(known: Members, at: KeyPath): readonly string[] {
  const isLevel = inLevel(at).length === 0;
  return isLevel ? [...Object.keys(known), ...UNSUPPORTED, "env"] : Object.keys(known);
}

/** The path without `env.<name>`. */
function inLevel(path: KeyPath): KeyPath {
  return path[0] === "env" ? path.slice(2) : path;
}

/** Whether a key has an effect in the chosen environment: it is there, or inherited. */
function applies(path: KeyPath, document: ConfigDocument, env: string | undefined): boolean {
  const [first = ""] = path;
  if (first === "env") return path[1] === env;
  if (env === undefined) return true;
  const chosen = objectOf(objectOf(objectOf(document.value)["env"])[env]);
  return !NOT_INHERITED.has(String(first)) && !(first in chosen);
}

function alternatives(shape: Shape): readonly Shape[] {
  return typeof shape === "object" && "oneOf" in shape ? (shape.oneOf as readonly Shape[]) : [shape];
}

function fits(value: unknown, shape: Shape): boolean {
  if (isList(shape)) return Array.isArray(value);
  if (typeof shape === "object") return isObject(value);
  return typeof value === shape;
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function description(shape: Shape): string {
  if (isList(shape)) return shape[0] === "string" ? "a list of strings" : "a list of objects";
  if (typeof shape === "object") return "an object";
  return shape === "boolean" ? "true or false" : `a ${shape}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text;
}

const SHOWN_LENGTH_MAX = 60;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}
