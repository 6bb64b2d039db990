import crypto, { randomBytes, randomUUID } from "node:crypto";
import { KvError } from "@kvasir/client/namespace";
import { type Clock, type Store, systemClock } from "@kvasir/store";
import { TOKEN_NAME_LENGTH_MAX, TOKEN_NAMESPACES_MAX } from "../../http/limits.js";
import { possibleIds } from "../../wire/namespace-id-forms.js";
import { isScope, SCOPES, type Scope } from "./scope.js";

/** A token as it is stored, under its SHA-256: what it is itself only its holder knows. */
export interface TokenRecord {
  /** Names the token to those who manage it. */
  readonly id: string;
  readonly name?: string | undefined;
  readonly scope: Scope;
  /** The namespaces that it sees. @default all */
  readonly namespaces?: readonly string[] | undefined;
  readonly createdMs: number;
  /** @default never */
  readonly expiresMs?: number | undefined;
}

export interface CreateTokenOptions {
  readonly scope: Scope;
  readonly name?: string | undefined;
  /** Ids of the namespaces that the token sees, also as the Telnyx API shows them. @default all */
  readonly namespaces?: readonly string[] | undefined;
  /** When it ends, in milliseconds since the epoch. @default never */
  readonly expiresMs?: number | undefined;
  /** @default the system's clock */
  readonly clock?: Clock | undefined;
}

/** A token and its record. The token itself is shown this one time. */
export interface CreatedToken {
  readonly token: string;
  readonly record: TokenRecord;
}

/**
 * Makes a token. Every server on this store accepts it from now on.
 *
 * @throws KvError `bad_request` for a scope, name, namespace or expiry that cannot be
 */
export async function createToken(store: Store, options: CreateTokenOptions): Promise<CreatedToken> {
  const clock = options.clock ?? systemClock;
  checkOptions(options, clock.nowMs());
  // 256 bits: no list of tokens is ever long enough to guess one. The prefix is for secret scanners.
  const token = `kvasir_${randomBytes(32).toString("base64url")}`;
  const record: TokenRecord = {
    id: randomUUID().replaceAll("-", ""),
    ...(options.name === undefined ? {} : { name: options.name }),
    scope: options.scope,
    ...(options.namespaces?.length ? { namespaces: await idsOf(store, options.namespaces) } : {}),
    createdMs: clock.nowMs(),
    ...(options.expiresMs === undefined ? {} : { expiresMs: options.expiresMs }),
  };
  await store.records("tokens").put(tokenHash(token), record);
  return { token, record };
}

/** The id of each namespace that is meant; of one that is not there yet, the id that it would be created with. */
async function idsOf(store: Store, texts: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const text of texts) {
    let [id = text, ...others] = possibleIds(text);
    if ((await store.namespaces.get(id)) === null) {
      for (const other of others) if ((await store.namespaces.get(other)) !== null) id = other;
    }
    ids.push(id);
  }
  return ids;
}

/** Every token's record, oldest first; expired ones too, until they are revoked. */
export async function listTokens(store: Store): Promise<TokenRecord[]> {
  const rows = await store.records("tokens").list();
  const records = rows.map(({ record }) => parseTokenRecord(record)).filter((record) => record !== null);
  return records.sort((a, b) => a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1));
}

/** Whether there was a token with this id. Every server on this store refuses it from now on. */
export async function revokeToken(store: Store, id: string): Promise<boolean> {
  const table = store.records("tokens");
  for (const { name, record } of await table.list()) {
    if (parseTokenRecord(record)?.id === id) return table.delete(name);
  }
  return false;
}

/** The name of a token's record. */
export function tokenHash(token: string): string {
  return sha256(token);
}

/** In one call where Node has it (20.12): a third of the time, on the way of every request. */
const sha256: (text: string) => string =
  crypto.hash === undefined
    ? (text) => crypto.createHash("sha256").update(text).digest("hex")
    : (text) => crypto.hash("sha256", text, "hex");

/** A record as it was stored; `null` for what is none, which then grants nothing. */
export function parseTokenRecord(stored: unknown): TokenRecord | null {
  if (typeof stored !== "object" || stored === null) return null;
  const record = stored as Partial<TokenRecord>;
  const valid =
    typeof record.id === "string" &&
    isScope(record.scope) &&
    typeof record.createdMs === "number" &&
    (record.expiresMs === undefined || typeof record.expiresMs === "number") &&
    (record.namespaces === undefined || Array.isArray(record.namespaces));
  return valid ? (record as TokenRecord) : null;
}

function checkOptions({ scope, name, namespaces, expiresMs }: CreateTokenOptions, nowMs: number): void {
  if (!isScope(scope)) throw invalid(`Invalid scope. Please specify one of ${SCOPES.join(", ")}.`);
  if (name !== undefined && (typeof name !== "string" || name.length > TOKEN_NAME_LENGTH_MAX)) {
    throw invalid(`A token's name is a text of at most ${TOKEN_NAME_LENGTH_MAX} characters`);
  }
  if (namespaces !== undefined) {
    const isList = Array.isArray(namespaces) && namespaces.length <= TOKEN_NAMESPACES_MAX;
    if (!isList || !namespaces.every((id) => typeof id === "string" && /^[\w.-]{1,64}$/.test(id))) {
      throw invalid(`A token is bound to a list of at most ${TOKEN_NAMESPACES_MAX} namespace ids`);
    }
  }
  if (expiresMs !== undefined && !(Number.isSafeInteger(expiresMs) && expiresMs > nowMs)) {
    throw invalid("A token's expiry is a time in the future, in milliseconds since the epoch");
  }
}

function invalid(message: string): KvError {
  return new KvError("bad_request", message);
}
