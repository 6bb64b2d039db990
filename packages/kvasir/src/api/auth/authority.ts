import { timingSafeEqual } from "node:crypto";
import { KvError } from "@kvasir/client/namespace";
import type { Clock, MaybePromise, RecordTable, Store } from "@kvasir/store";
import type { RequestHead } from "../../http/request.js";
import { ADMIN, ADMIN_TOKEN_HOLDER, type Principal } from "./scope.js";
import { parseTokenRecord, tokenHash } from "./tokens.js";
import { TurnMemory } from "./turn-memory.js";

const BEARER = /^bearer /i;

export interface AuthOptions {
  /** `dev` and `none` need no token and accept only requests from this machine. `tokens` is for servers. */
  readonly mode: "dev" | "tokens" | "none";
  /** A token with the scope `admin` that is not stored in the table (`KVASIR_TOKEN`). */
  readonly adminToken?: string | undefined;
}

/** Finds out who sent a request. */
export class Authority {
  readonly #open: boolean;
  readonly #adminHash: Buffer | null;
  readonly #tokens: RecordTable;
  readonly #clock: Clock;
  readonly #thisTurn = new TurnMemory<Principal>();

  constructor(store: Store, clock: Clock, options: AuthOptions) {
    this.#open = options.mode !== "tokens";
    this.#adminHash = options.adminToken ? Buffer.from(tokenHash(options.adminToken)) : null;
    this.#tokens = store.records("tokens");
    this.#clock = clock;
  }

  /**
   * Reads the table in every turn of the event loop, so that a revocation takes effect at once, in whichever
   * process it was made. Requests of the same turn share the result, because all of them had arrived before
   * the first was handled.
   *
   * @throws KvError `unauthorized`
   */
  authenticate(request: RequestHead): MaybePromise<Principal> {
    if (this.#open) return ADMIN;
    const credentials = credentialsOf(request.rawHeaders);
    if (credentials === null) throw unauthorized("No API token was sent");
    const known = this.#thisTurn.get(credentials);
    if (known !== undefined) return known;
    const principal = this.#lookUp(credentials);
    if (!(principal instanceof Promise)) this.#thisTurn.set(credentials, principal);
    return principal;
  }

  /**
   * Reads the table again, for a request that takes long.
   *
   * @throws KvError `unauthorized` if the token has expired or was revoked
   */
  async recheck({ token }: Principal): Promise<void> {
    if (token !== undefined) this.#principal(token.hash, await this.#tokens.get(token.hash));
  }

  /** @throws KvError `unauthorized` if the token has expired. Does not check whether it was revoked. */
  checkExpiry({ token }: Principal): void {
    if (token?.expiresMs !== undefined && token.expiresMs <= this.#clock.nowMs()) {
      throw unauthorized(`This API token expired at ${new Date(token.expiresMs).toISOString()}`);
    }
  }

  /**
   * Tokens are compared and looked up by their SHA-256, so that the time it takes reveals nothing about the
   * token.
   */
  #lookUp(credentials: string): MaybePromise<Principal> {
    const token = BEARER.test(credentials) ? credentials.slice("Bearer ".length).trim() : "";
    if (token === "") throw unauthorized("No API token was sent");
    const hash = tokenHash(token);
    if (this.#adminHash !== null && timingSafeEqual(Buffer.from(hash), this.#adminHash)) {
      return ADMIN_TOKEN_HOLDER;
    }
    const record = this.#tokens.get(hash);
    return record instanceof Promise
      ? record.then((found) => this.#principal(hash, found))
      : this.#principal(hash, record);
  }

  #principal(hash: string, stored: unknown): Principal {
    const record = parseTokenRecord(stored);
    if (record === null) throw unauthorized("This API token is unknown or was revoked");
    const principal: Principal = {
      scope: record.scope,
      namespaces: record.namespaces ? new Set(record.namespaces) : null,
      client: `token ${record.id}`,
      tokenId: record.id,
      token: { hash, expiresMs: record.expiresMs },
    };
    this.checkExpiry(principal);
    return principal;
  }
}

/**
 * The value of the header that holds the token, or `null` if there is none. Reads the raw headers, because
 * building an object of all headers costs more than the table lookup.
 *
 * Clients with a legacy API key send `X-Auth-Key` (with `X-Auth-Email`, which is ignored).
 */
function credentialsOf(rawHeaders: readonly string[]): string | null {
  let legacy: string | null = null;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (isNamed(name, "authorization", "Authorization")) return rawHeaders[at + 1] as string;
    if (isNamed(name, "x-auth-key", "X-Auth-Key")) legacy ??= `Bearer ${rawHeaders[at + 1]}`;
  }
  return legacy;
}

/** Compares with the two common spellings first, then ignoring case. */
function isNamed(name: string, lower: string, usual: string): boolean {
  if (name.length !== lower.length) return false;
  return name === usual || name === lower || name.toLowerCase() === lower;
}

function unauthorized(message: string): KvError {
  return new KvError("unauthorized", message, {
    hint: "Send `Authorization: Bearer <token>`; `kvasir token create` makes one.",
  });
}
