import type { Experiment } from "../recipes/experiment/experiment.js";
import type { FlagDecision } from "../recipes/flags/decision.js";
import { FLAGS_OPTION_NAMES, type Flags, type FlagsOptions, flags } from "../recipes/flags/flags.js";
import type { FlagUser } from "../recipes/flags/user.js";
import { assertKnownOptions } from "../recipes/shared/known-options.js";
import type { KVBinding } from "../typed/binding.js";
import { ProviderEvents } from "./provider-events.js";

export interface OpenFeatureProviderOptions extends FlagsOptions {
  /**
   * The experiments whose goals are tracked: `client.track("paid", context)` records the goal `paid` in each of them.
   * @default none
   */
  readonly experiments?: readonly Pick<Experiment, "convert">[] | undefined;
  /** Receives errors of tracking and watching, which no caller gets. @default they are ignored */
  readonly onError?: ((error: unknown) => void) | undefined;
}

type Context = Readonly<Record<string, unknown>> & { readonly targetingKey?: string };

interface Details<Value> {
  value: Value;
  variant?: string;
  reason: string;
  // biome-ignore lint/suspicious/noExplicitAny: an enum of @openfeature/core, whose texts these are
  errorCode?: any;
  errorMessage?: string;
}

/** The `Provider` of `@openfeature/server-sdk`. */
export interface OpenFeatureProvider {
  readonly metadata: { readonly name: string };
  readonly runsOn: "server";
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's type of it names its own enums
  readonly events: any;
  initialize(): Promise<void>;
  onClose(): Promise<void>;
  track(goal: string, context: Context, details?: unknown): void;
  resolveBooleanEvaluation(name: string, otherwise: boolean, context: Context): Promise<Details<boolean>>;
  resolveStringEvaluation(name: string, otherwise: string, context: Context): Promise<Details<string>>;
  resolveNumberEvaluation(name: string, otherwise: number, context: Context): Promise<Details<number>>;
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's type of JSON is its own
  resolveObjectEvaluation<Value = any>(
    name: string,
    otherwise: Value,
    context: Context,
  ): Promise<Details<Value>>;
}

/**
 * A provider for the server SDK of OpenFeature, over the recipe `flags`. The targeting key of a context is the user's
 * id, and the rest are the attributes.
 *
 * A boolean is the flag's value, else whether the user has the flag. A string is the value, else the variant. Numbers
 * and objects are values. On Kvasir's namespaces changes of flags are watched: the SDK is told of them, and definitions
 * can be remembered with `cacheTtlSeconds` without being old.
 *
 * Requests: none for a remembered flag, otherwise those of `flags`. While the store is away: the last known value.
 *
 * @throws KvError `option_invalid`, `atomics_required`
 * @example
 * await OpenFeature.setProviderAndWait(openFeatureProvider(kv, { cacheTtlSeconds: 60 }));
 */
export function openFeatureProvider(
  kv: KVBinding,
  options: OpenFeatureProviderOptions = {},
): OpenFeatureProvider {
  assertKnownOptions("openFeatureProvider", options, {
    ...FLAGS_OPTION_NAMES,
    experiments: true,
    onError: true,
  });
  const { experiments = [], onError = () => {}, ...rest } = options;
  const known: Flags = flags(kv, rest);
  const events = new ProviderEvents();
  let closing: AbortController | undefined;

  /** @param found the value of a decision that is on for the user; `undefined` if it has none of this kind */
  async function resolve<Value>(
    { name, otherwise, context }: { name: string; otherwise: Value; context: Context },
    found: (decision: FlagDecision) => Value | undefined,
  ): Promise<Details<Value>> {
    const decision = await known.evaluate(name, userOf(context));
    if (decision.reason === "missing")
      return failed(otherwise, "FLAG_NOT_FOUND", `There is no flag ${name}.`);
    const value = found(decision);
    const reason = reasonOf(decision);
    if (value === undefined && decision.enabled) {
      return failed(otherwise, "TYPE_MISMATCH", `The flag ${name} has no value of this type for the user.`);
    }
    const { variant } = decision;
    return { value: value ?? otherwise, reason, ...(variant !== null && { variant }) };
  }

  async function watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const name of known.changes({ signal })) {
          events.emit("PROVIDER_CONFIGURATION_CHANGED", { flagsChanged: [name] });
        }
      } catch (error) {
        if (!signal.aborted) onError(error);
        // Without a watch, definitions are as old as `cacheTtlSeconds` allows.
        return;
      }
    }
  }

  return {
    metadata: { name: "kvasir" },
    runsOn: "server",
    events,
    async initialize() {
      closing = new AbortController();
      if (known.guarantee === "atomic") void watch(closing.signal);
    },
    onClose: async () => closing?.abort(),
    track(goal, { targetingKey }) {
      if (targetingKey === undefined || targetingKey === "") return;
      for (const each of experiments) each.convert(targetingKey, { goal }).catch(onError);
    },
    resolveBooleanEvaluation: (name, otherwise, context) =>
      resolve({ name, otherwise, context }, ({ enabled, value }) =>
        enabled && typeof value === "boolean" ? value : enabled,
      ),
    resolveStringEvaluation: (name, otherwise, context) =>
      resolve({ name, otherwise, context }, ({ value, variant }) =>
        typeof value === "string" ? value : (variant ?? undefined),
      ),
    resolveNumberEvaluation: (name, otherwise, context) =>
      resolve({ name, otherwise, context }, ({ value }) => (typeof value === "number" ? value : undefined)),
    resolveObjectEvaluation: <Value>(name: string, otherwise: Value, context: Context) =>
      resolve<Value>({ name, otherwise, context }, ({ value }) =>
        typeof value === "object" && value !== null ? (structuredClone(value) as Value) : undefined,
      ),
  };
}

function userOf({ targetingKey, ...attributes }: Context): FlagUser | undefined {
  return targetingKey === undefined || targetingKey === "" ? undefined : { ...attributes, id: targetingKey };
}

function failed<Value>(value: Value, errorCode: string, errorMessage: string): Details<Value> {
  return { value, reason: "ERROR", errorCode, errorMessage };
}

/** @see https://openfeature.dev/specification/types#resolution-reason */
function reasonOf({ reason, source }: FlagDecision): string {
  if (source === "memory") return "CACHED";
  if (reason === "disabled" || reason === "prerequisite") return "DISABLED";
  return reason === "rollout" ? "SPLIT" : "TARGETING_MATCH";
}
