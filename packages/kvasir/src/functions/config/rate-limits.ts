import * as v from "valibot";

/** A rate limit that is bound to a function. */
export interface RateLimitBinding {
  /** The name in `env`. */
  readonly binding: string;
  /** Bindings with the same id share their counters. */
  readonly namespaceId: string;
  /** Most calls that succeed in a period. */
  readonly limit: number;
  readonly periodSeconds: 10 | 60;
}

const EXAMPLE = '{ "name": "LIMITER", "namespace_id": "1001", "simple": { "limit": 100, "period": 60 } }';
const MUST_BE_LIKE = `must be like ${EXAMPLE}`;

const name = v.pipe(v.string(MUST_BE_LIKE), v.nonEmpty("must not be empty"));
const rateLimit = v.looseObject(
  {
    name,
    namespace_id: name,
    simple: v.looseObject(
      {
        limit: v.pipe(v.number("must be a number"), v.gtValue(0, "must be more than 0")),
        period: v.picklist([10, 60], "must be 10 or 60 (seconds)"),
      },
      MUST_BE_LIKE,
    ),
  },
  MUST_BE_LIKE,
);

export const rateLimitsSchema = v.array(rateLimit, "must be a list of rate limits");

/** The older way to bind a rate limit: `unsafe.bindings` with the type `ratelimit`. */
export const unsafeSchema = v.looseObject(
  {
    bindings: v.optional(
      v.array(
        v.union(
          [
            v.looseObject({ ...rateLimit.entries, type: v.literal("ratelimit") }),
            v.looseObject({ type: v.pipe(v.string(), v.notValue("ratelimit")) }),
          ],
          `must have a type, and a rate limit ${MUST_BE_LIKE}`,
        ),
        "must be a list of bindings",
      ),
    ),
  },
  "must be an object",
);

type RawRateLimit = v.InferOutput<typeof rateLimit>;
type RawUnsafe = v.InferOutput<typeof unsafeSchema>;

export function rateLimitBindings(
  rateLimits: readonly RawRateLimit[] = [],
  { bindings = [] }: RawUnsafe = {},
): readonly RateLimitBinding[] {
  return [...rateLimits, ...bindings.filter(isRateLimit)].map(({ name, namespace_id, simple }) => ({
    binding: name,
    namespaceId: namespace_id,
    limit: simple.limit,
    periodSeconds: simple.period,
  }));
}

/** Whether all of `unsafe` is rate limits, so that nothing of it is ignored. */
export function hasOnlyRateLimits(unsafe: unknown): boolean {
  const { success, output } = v.safeParse(unsafeSchema, unsafe);
  if (!success) return false;
  return Object.keys(output).every((key) => key === "bindings") && (output.bindings ?? []).every(isRateLimit);
}

function isRateLimit(binding: { readonly type: string }): binding is RawRateLimit & { type: "ratelimit" } {
  return binding.type === "ratelimit";
}
