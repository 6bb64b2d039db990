import { TTL_SECONDS_MIN } from "../../namespace/limits.js";
import { SPAN_SECONDS_MAX } from "../shared/limits.js";
import type { OptionNames } from "../shared/option-names.js";
import {
  numberBetween,
  RECIPE_OPTION_NAMES,
  type RecipeOptions,
  type RecipeSurroundings,
  surroundings,
  wholeNumber,
} from "../shared/options.js";
import { storeErrorChoice } from "../shared/store-errors.js";
import type { SessionSpans } from "./session-record.js";

export interface SessionsOptions extends RecipeOptions {
  /** @default "session:" */
  readonly prefix?: string | undefined;
  /** A session ends if it is not used for this long, at least 60 seconds. @default 86_400, a day */
  readonly idleSeconds?: number | undefined;
  /**
   * A session ends this long after its creation or last login, even if it is used. @default 2_592_000, 30
   * days
   */
  readonly lifetimeSeconds?: number | undefined;
  /**
   * A read prolongs the session only if this share of the idle time has passed since the last prolongation,
   * so that most reads write nothing. A session may end that much earlier than `idleSeconds` after its last
   * use. 0 prolongs at every read. @default 0.1
   */
  readonly renewShare?: number | undefined;
  /**
   * The result of a read while the store is unavailable. `throw`: rejects with `unavailable` (503 in
   * the middleware). `anonymous`: behaves as if there were no session, so that public pages keep
   * working. Writes always reject.
   *
   * @default "throw"
   */
  readonly onStoreError?: "throw" | "anonymous" | undefined;
}

export const SESSIONS_OPTION_NAMES: OptionNames<SessionsOptions> = {
  ...RECIPE_OPTION_NAMES,
  idleSeconds: true,
  lifetimeSeconds: true,
  renewShare: true,
  onStoreError: true,
};

export interface SessionSettings extends RecipeSurroundings {
  readonly spans: SessionSpans;
  /** A read prolongs a session if that delays its expiry by at least this time. */
  readonly renewMs: number;
  readonly onStoreError: "throw" | "anonymous";
}

/** @throws KvError `option_invalid` */
export function idleMsOf(idleSeconds: number): number {
  return wholeNumber("idleSeconds", idleSeconds, { min: TTL_SECONDS_MIN, max: SPAN_SECONDS_MAX }) * 1000;
}

/** @throws KvError `option_invalid` */
export function sessionSettings(options: SessionsOptions): SessionSettings {
  const {
    idleSeconds = 86_400,
    lifetimeSeconds = Math.max(2_592_000, idleSeconds),
    renewShare = 0.1,
  } = options;
  // With a shorter TTL the store would keep it longer than asked:
  // https://developers.cloudflare.com/kv/api/write-key-value-pairs/
  const min = TTL_SECONDS_MIN;
  const idleMs = idleMsOf(idleSeconds);
  const lifetimeMs = wholeNumber("lifetimeSeconds", lifetimeSeconds, { min, max: SPAN_SECONDS_MAX }) * 1000;
  const renewMs = numberBetween("renewShare", renewShare, { min: 0, max: 1 }) * idleMs;
  const onStoreError = storeErrorChoice(options.onStoreError, ["throw", "anonymous"]);
  return { ...surroundings(options, "session:"), spans: { idleMs, lifetimeMs }, renewMs, onStoreError };
}
