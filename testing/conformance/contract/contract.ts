import {
  COUNT_OPTIONS,
  DELETE_PREFIX_OPTIONS,
  INCREMENT_OPTIONS,
  type KVNamespace,
  type KVNamespaceGetOptions,
  type KvAtomic,
  type KvVersioned,
  type KvWatchOptions,
  LIST_OPTIONS,
  PUT_OPTIONS,
  statusOf,
  TOUCH_OPTIONS,
} from "@kvasir/client/namespace";
import { kvErrorCodes } from "../../../packages/client/src/namespace/errors.js";
import * as limits from "../../../packages/client/src/namespace/limits.js";

type Names<Of> = Readonly<Record<keyof Of, true>>;

const GET_OPTIONS = { type: true, cacheTtl: true } as const satisfies Names<KVNamespaceGetOptions<unknown>>;
const VERSIONED = { version: true } as const satisfies Names<KvVersioned>;
const WATCH_OPTIONS = { prefix: true, since: true, signal: true } as const satisfies Names<KvWatchOptions>;
const { ifVersion } = PUT_OPTIONS;

/** The options of each operation. A new operation does not compile before it is here. */
const OPERATIONS = {
  get: GET_OPTIONS,
  getWithMetadata: { ...GET_OPTIONS, ...VERSIONED },
  put: PUT_OPTIONS,
  delete: { ifVersion },
  list: LIST_OPTIONS,
  count: COUNT_OPTIONS,
  deletePrefix: DELETE_PREFIX_OPTIONS,
  increment: INCREMENT_OPTIONS,
  touch: TOUCH_OPTIONS,
  atomic: {},
  position: {},
  watch: WATCH_OPTIONS,
} as const satisfies Readonly<Record<keyof KVNamespace, object>>;

const ATOMIC = {
  check: {},
  put: PUT_OPTIONS,
  delete: {},
  increment: INCREMENT_OPTIONS,
  commit: {},
} as const satisfies Readonly<Record<keyof KvAtomic, object>>;

/** What a client of any language must have: the operations with their options, the errors, the limits. */
export function contract(): object {
  return {
    operations: optionsOf(OPERATIONS),
    atomic: optionsOf(ATOMIC),
    errors: Object.fromEntries(kvErrorCodes().map((code) => [code, statusOf(code)])),
    limits: { ...limits },
  };
}

function optionsOf(operations: Readonly<Record<string, object>>): object {
  return Object.fromEntries(
    Object.entries(operations).map(([name, options]) => [name, Object.keys(options)]),
  );
}
