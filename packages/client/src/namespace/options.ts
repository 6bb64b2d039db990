import { dictionary, optionalInt32, optionalText } from "./coerce.js";
import type {
  KVNamespaceListOptions,
  KVNamespacePutOptions,
  KvCondition,
  KvCountOptions,
  KvDeletePrefixOptions,
  KvExpiryOptions,
  KvIncrementOptions,
} from "./kv-namespace.js";
import { metadataText } from "./metadata.js";

/**
 * How the value of an option is read. Only `true` sets a flag. A version is passed on as it was given, because Workers
 * KV has no rule for what to make of it: the backend checks it.
 */
const PARSERS = {
  text: optionalText,
  integer: optionalInt32,
  flag: (value: unknown) => value === true,
  json: metadataText,
  version: (value: unknown) => value as number | undefined,
};

export type OptionKind = keyof typeof PARSERS;

type Kinds = Readonly<Record<string, OptionKind>>;
type KindsOf<Options> = Readonly<Record<keyof Options, OptionKind>>;

/** Options after {@link parseOptions}: each has the type of its kind. */
export type Parsed<Of extends Kinds> = {
  readonly [Name in keyof Of]: ReturnType<(typeof PARSERS)[Of[Name]]>;
};

// The options of each operation. Whatever names an option takes it from here: the object that callers hold, the binding
// inside workerd, the server's routes and its OpenAPI document, and the tests of the reference pages and of the SDKs.

export const LIST_OPTIONS = {
  prefix: "text",
  limit: "integer",
  cursor: "text",
  values: "flag",
  versions: "flag",
  reverse: "flag",
  start: "text",
  end: "text",
} as const satisfies KindsOf<KVNamespaceListOptions>;

/** The options of a list that Workers KV has. The others are Kvasir's. */
export const WORKERS_LIST_OPTIONS: readonly string[] = ["prefix", "limit", "cursor"];

export const TOUCH_OPTIONS = {
  expiration: "integer",
  expirationTtl: "integer",
} as const satisfies KindsOf<KvExpiryOptions>;

export const PUT_OPTIONS = {
  ...TOUCH_OPTIONS,
  metadata: "json",
  ifAbsent: "flag",
  ifVersion: "version",
} as const satisfies KindsOf<KVNamespacePutOptions & KvCondition>;

export const INCREMENT_OPTIONS = { expirationTtl: "integer" } as const satisfies KindsOf<KvIncrementOptions>;

export const COUNT_OPTIONS = { prefix: "text" } as const satisfies KindsOf<KvCountOptions>;

export const DELETE_PREFIX_OPTIONS = {
  dryRun: "flag",
  all: "flag",
} as const satisfies KindsOf<KvDeletePrefixOptions>;

/**
 * An options argument as the types of its options ask. Names that are not listed are ignored, as in Workers KV.
 *
 * @param wrong the message for an argument that is not an object
 * @param integerMax the largest integer, where Workers KV's does not apply
 * @throws TypeError
 */
export function parseOptions<Of extends Kinds>(
  options: unknown,
  kinds: Of,
  wrong: string,
  integerMax?: number,
): Parsed<Of> {
  const given = dictionary(options, wrong);
  const parsed: Record<string, unknown> = {};
  for (const name in kinds) parsed[name] = PARSERS[kinds[name] as OptionKind](given[name], integerMax);
  return parsed as Parsed<Of>;
}

/** The message about an argument of an operation that Workers KV does not have. */
export function notOptions(operation: string): string {
  return `${operation}() takes an object of options`;
}
