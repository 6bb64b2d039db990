import { decide, type FlagDecision, type FlagSource } from "./decision.js";
import type { Flag } from "./definition.js";
import type { FlagUser } from "./user.js";

/** Flags that were read together and can be evaluated without waiting, for example during one request. */
export interface FlagSet {
  /** Like `Flags.isEnabled`. A flag that was not among the names counts as missing. */
  isEnabled(name: string, user?: FlagUser, otherwise?: boolean): boolean;
  /** Like `Flags.variant`. */
  variant(name: string, user?: FlagUser): string | null;
  variant<Otherwise>(name: string, user: FlagUser | undefined, otherwise: Otherwise): string | Otherwise;
  /** Like `Flags.evaluate`. */
  evaluate(name: string, user?: FlagUser): FlagDecision;
}

/** A flag and the source of its definition. */
export interface KnownFlag {
  readonly flag: Flag | null;
  readonly source: FlagSource;
}

export function flagSet(flags: ReadonlyMap<string, KnownFlag>): FlagSet {
  const evaluate = (name: string, user?: FlagUser): FlagDecision => {
    const { flag = null, source = "default" } = flags.get(name) ?? {};
    return { ...decide(name, flag, user), source };
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
  };
}
