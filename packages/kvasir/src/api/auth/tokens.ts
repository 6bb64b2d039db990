import crypto, { randomBytes, randomUUID } from "node:crypto";
import { type CreatedToken, KvError, type NewToken, type TokenRecord } from "@kvasir/client/namespace";
import { type Clock, type Store, systemClock } from "@kvasir/store";
import { TOKEN_NAME_LENGTH_MAX, TOKEN_NAMESPACES_MAX } from "../../http/limits.js";
import { possibleIds } from "../../wire/namespace-id-forms.js";
import { isScope, SCOPES } from "./scope.js";

export interface CreateTokenOptions extends NewToken {
  /** @default the system's clock */
  readonly clock?: Clock | undefined;
}

/**
 * Creates a token. Every server on this store accepts it from then on.
 *
 * @throws KvError `bad_request` for an invalid scope, name, namespace or expiry
 */
export async function createToken(store: Store, options: CreateTokenOptions): Promise<CreatedToken> {
  const clock = options.clock ?? systemClock;
  checkOptions(options, clock.nowMs());
  // 256 bits, so that no token can be guessed, however many there are. The prefix is for secret scanners.
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

/** The ids of the namespaces. For one that does not exist yet, the id that it would be created with. */
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

/** The records of all tokens, oldest first. Expired ones are included until they are revoked. */
export async function listTokens(store: Store): Promise<TokenRecord[]> {
  const rows = await store.records("tokens").list();
  const records = rows.map(({ record }) => parseTokenRecord(record)).filter((record) => record !== null);
  return records.sort((a, b) => a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1));
}

/** Returns whether there was a token with this id. Every server on this store refuses it from then on. */
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

/** Uses the single call that Node has since 20.12: a third of the time, and every request needs it. */
const sha256: (text: string) => string =
  crypto.hash === undefined
    ? (text) => crypto.createHash("sha256").update(text).digest("hex")
    : (text) => crypto.hash("sha256", text, "hex");

/** Parses a stored record. Returns `null` if it is malformed; it then grants nothing. */
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
