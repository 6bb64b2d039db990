import type { Operation } from "./programs.js";

type Single = Exclude<Operation, { all: unknown }>;
type Fields = Readonly<Record<string, unknown>>;

interface Outcome {
  readonly value?: unknown;
  readonly message?: unknown;
}

interface Outcomes {
  readonly ours: Outcome;
  readonly theirs: Outcome;
}

/** What differs on purpose. All else of the outcome is still compared. */
export interface KnownDifference {
  readonly name: string;
  /** Returns both outcomes without the known difference. Returns `undefined` if it is not met. */
  explain(
    operation: Single,
    outcomes: Outcomes,
  ): { readonly ours: unknown; readonly theirs: unknown } | undefined;
}

const KNOWN: readonly KnownDifference[] = [
  {
    // Kvasir serves these reads from the isolate. Miniflare's `get` has no cache and sends no status.
    name: "cacheStatus of a read with cacheTtl",
    explain({ method, args }, { ours, theirs }) {
      const isCached = method === "getWithMetadata" && fieldsOf(args[1])["cacheTtl"] !== undefined;
      const status = fieldsOf(ours.value)["cacheStatus"];
      if (!isCached || !(status === "HIT" || status === "MISS")) return undefined;
      if (fieldsOf(theirs.value)["cacheStatus"] !== null) return undefined;
      return { ours: { ...ours, value: { ...fieldsOf(ours.value), cacheStatus: null } }, theirs };
    },
  },
  {
    // Miniflare collects the values with `obj[key] = value`, which loses `__proto__` (but not if it comes twice).
    // workerd reads the names of that object without integer-like ones. Kvasir returns every key.
    name: "integer-like keys and __proto__ in a bulk read",
    explain({ args }, { ours, theirs }) {
      const [own, other] = [entriesOf(ours), entriesOf(theirs)];
      if (!Array.isArray(args[0]) || own === undefined || other === undefined) return undefined;
      const [keptOwn, keptOther] = [own, other].map((entries) =>
        entries.filter(([key]) => !/^(?:0|[1-9]\d*|__proto__)$/.test(key)),
      );
      if (keptOwn?.length === own.length) return undefined;
      return {
        ours: { ...ours, value: { ...fieldsOf(ours.value), entries: keptOwn } },
        theirs: { ...theirs, value: { ...fieldsOf(theirs.value), entries: keptOther } },
      };
    },
  },
  {
    // Miniflare decodes any text leniently and lists after the result. Kvasir refuses a cursor that no list
    // returned, because a damaged cursor would silently skip or repeat keys.
    name: "cursor that no list returned",
    explain({ method, args }, { ours, theirs }) {
      const cursor = fieldsOf(args[0])["cursor"];
      const isForeign = method === "list" && ["string", "number"].includes(typeof cursor) && cursor !== "";
      const message = "KV GET failed: 400 Invalid cursor. Please pass the cursor of the previous page.";
      return isForeign && ours.message === message && theirs.value !== undefined
        ? { ours: theirs, theirs }
        : undefined;
    },
  },
  {
    // `JSON.stringify` returns `undefined` for these. workerd sends that as text, Miniflare's `JSON.parse` of it
    // throws inside of Miniflare. Kvasir says what is wrong.
    name: "message for metadata that JSON cannot say",
    explain({ method, args }, { ours, theirs }) {
      const { $: kind } = fieldsOf(fieldsOf(args[2])["metadata"]);
      const isWrong = method === "put" && ["function", "symbol"].includes(String(kind));
      if (!isWrong || ours.message !== "KV PUT failed: 400 Metadata must be valid JSON") return undefined;
      return { ours: { ...ours, message: "KV PUT failed: 500 Internal Server Error" }, theirs };
    },
  },
];

/** The outcomes without the known difference that is met in them, if there is one. */
export function knownDifference(
  operation: Single,
  outcomes: { readonly ours: unknown; readonly theirs: unknown },
): { readonly difference: KnownDifference; readonly ours: unknown; readonly theirs: unknown } | undefined {
  const [ours, theirs] = [fieldsOf(outcomes.ours), fieldsOf(outcomes.theirs)];
  for (const difference of KNOWN) {
    const rest = difference.explain(operation, { ours, theirs });
    if (rest !== undefined) return { difference, ...rest };
  }
  return undefined;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function entriesOf({ value }: Outcome): readonly (readonly [string, unknown])[] | undefined {
  const { entries } = fieldsOf(value);
  return Array.isArray(entries) ? entries : undefined;
}
