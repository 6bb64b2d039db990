import { decide, type FlagDecision, type FlagSource } from "./decision.js";
import type { Flag } from "./definition.js";
import type { ParsedSegments } from "./rule.js";
import type { FlagUser } from "./user.js";

/** Flags that were read together and can be evaluated without waiting, for example during one request. */
export interface FlagSet {
  /** Like `Flags.isEnabled`. A flag that was not among the names counts as missing. */
  isEnabled(name: string, user?: FlagUser, otherwise?: boolean): boolean;
  /** Like `Flags.variant`. */
  variant(name: string, user?: FlagUser): string | null;
  variant<Otherwise>(name: string, user: FlagUser | undefined, otherwise: Otherwise): string | Otherwise;
  /** Like `Flags.value`. */
  value<Otherwise>(name: string, user: FlagUser | undefined, otherwise: Otherwise): Widened<Otherwise>;
  /** Like `Flags.evaluate`. */
  evaluate(name: string, user?: FlagUser): FlagDecision;
}

/** The type of a value of which `Literal` is an example: `string` for `"light"`. */
export type Widened<Literal> = Literal extends string
  ? string
  : Literal extends number
    ? number
    : Literal extends boolean
      ? boolean
      : Literal;

/** A flag and the source of its definition. */
export interface KnownFlag {
  readonly flag: Flag | null;
  readonly source: FlagSource;
}

export function flagSet(flags: ReadonlyMap<string, KnownFlag>, segments: ParsedSegments): FlagSet {
  const world = { segments, flag: (name: string) => flags.get(name)?.flag ?? null };
  const evaluate = (name: string, user?: FlagUser): FlagDecision => {
    const { flag = null, source = "default" } = flags.get(name) ?? {};
    return { ...decide(name, flag, user, world), source };
  };
  return {
    evaluate,
    isEnabled(name, user, otherwise = false) {
      const { enabled, reason } = evaluate(name, user);
      // The fallback applies only to an undefined flag. One that is off for the user stays off.
      return reason === "missing" ? otherwise : enabled;
    },
    variant: <Otherwise>(name: string, user?: FlagUser, otherwise?: Otherwise) =>
      evaluate(name, user).variant ?? (otherwise as Otherwise) ?? null,
    value<Otherwise>(name: string, user: FlagUser | undefined, otherwise: Otherwise) {
      const { value } = evaluate(name, user);
      const fits = value !== undefined && (otherwise == null || kindOf(value) === kindOf(otherwise));
      // A value of another kind would break a program that was compiled for this one.
      return (fits ? structuredClone(value) : otherwise) as Widened<Otherwise>;
    },
  };
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value;
}
