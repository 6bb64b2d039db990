import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { KvError } from "@kvasir/client";
import type { Clock, MaybePromise, RecordTable, Store } from "@kvasir/store";
import { ADMIN, type Principal } from "./scope.js";
import { parseTokenRecord, tokenHash } from "./tokens.js";

export interface AuthOptions {
  /** `dev` and `none` need no token and answer only what comes from this machine; `tokens` is for servers. */
  readonly mode: "dev" | "tokens" | "none";
  /** A token with the scope `admin` that is in no table (`KVASIR_TOKEN`). */
  readonly adminToken?: string | undefined;
}

/** Tells who sent a request. */
export class Authority {
  readonly #open: boolean;
  readonly #adminHash: Buffer | null;
  readonly #tokens: RecordTable;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock, options: AuthOptions) {
    this.#open = options.mode !== "tokens";
    this.#adminHash = options.adminToken ? Buffer.from(tokenHash(options.adminToken)) : null;
    this.#tokens = store.records("tokens");
    this.#clock = clock;
  }

  /**
   * Asks the table on every request, so that a revocation holds at once, in whichever process it was made. A
   * token is only ever compared as its SHA-256: how long a lookup takes says nothing about the token.
   *
   * @throws KvError `unauthorized`
   */
  authenticate(request: IncomingMessage): MaybePromise<Principal> {
    if (this.#open) return ADMIN;
    const token = tokenOf(request);
    if (token === null) throw unauthorized("No API token was sent");
    const hash = tokenHash(token);
    if (this.#adminHash !== null && timingSafeEqual(Buffer.from(hash), this.#adminHash)) return ADMIN;
    const record = this.#tokens.get(hash);
    return record instanceof Promise
      ? record.then((found) => this.#principal(found))
      : this.#principal(record);
  }

  #principal(stored: unknown): Principal {
    const record = parseTokenRecord(stored);
    if (record === null) throw unauthorized("This API token is unknown or was revoked");
    if (record.expiresMs !== undefined && record.expiresMs <= this.#clock.nowMs()) {
      throw unauthorized("This API token has expired");
    }
    return { scope: record.scope, namespaces: record.namespaces ? new Set(record.namespaces) : null };
  }
}

/** `X-Auth-Key` (with `X-Auth-Email`, which says nothing to us) is what clients with a legacy API key send. */
function tokenOf({ headers }: IncomingMessage): string | null {
  const { authorization } = headers;
  if (authorization !== undefined) {
    return /^bearer /i.test(authorization) ? authorization.slice(7).trim() || null : null;
  }
  const legacy = headers["x-auth-key"];
  return typeof legacy === "string" && legacy !== "" ? legacy : null;
}

function unauthorized(message: string): KvError {
  return new KvError("unauthorized", message, {
    hint: "Send `Authorization: Bearer <token>`; `kvasir token create` makes one.",
  });
}
