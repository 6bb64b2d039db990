import { KvError, type TokenScope } from "@kvasir/client/namespace";

/** What a token allows. Each scope includes the ones before it. */
export const SCOPES: readonly TokenScope[] = ["read", "write", "admin"];

/** The authenticated sender of a request. */
export interface Principal {
  readonly scope: TokenScope;
  /** The only namespaces that are visible to it, or `null` for all. */
  readonly namespaces: ReadonlySet<string> | null;
  /** The client that its requests are counted for. @default the address that they come from */
  readonly client?: string;
  /** The stored token that it was authenticated with, if any. Access ends with that token. */
  readonly token?: { readonly hash: string; readonly expiresMs: number | undefined };
  /** What the log calls the token, which is not a secret. Absent if no token is needed. */
  readonly tokenId?: string;
}

/** Every sender if no token is needed. */
export const ADMIN: Principal = { scope: "admin", namespaces: null };

/** The holder of the admin token that the server was started with. */
export const ADMIN_TOKEN_HOLDER: Principal = { ...ADMIN, tokenId: "admin" };

export function isScope(text: unknown): text is TokenScope {
  return SCOPES.includes(text as TokenScope);
}

/** @throws KvError `forbidden` */
export function checkScope(principal: Principal, needed: TokenScope): void {
  if (principal.scope === needed || principal.scope === "admin") return;
  if (SCOPES.indexOf(principal.scope) >= SCOPES.indexOf(needed)) return;
  throw new KvError("forbidden", `This token has the scope "${principal.scope}", this needs "${needed}"`, {
    hint: `Make a token with \`kvasir token create --scope ${needed}\`.`,
  });
}

/** @throws KvError `forbidden`, whether or not the namespace exists */
export function checkNamespace(principal: Principal, namespaceId: string): void {
  if (principal.namespaces === null || principal.namespaces.has(namespaceId)) return;
  throw new KvError("forbidden", "This token is bound to other namespaces", {
    hint: `Make a token with \`kvasir token create --namespace ${safe(namespaceId)}\`.`,
  });
}

/** @throws KvError `forbidden` for a token that sees only its namespaces */
export function checkUnbound(principal: Principal): void {
  if (principal.namespaces === null) return;
  throw new KvError("forbidden", "This token is bound to namespaces, this needs one that is not", {
    hint: "Make a token with `kvasir token create --scope admin` and no --namespace.",
  });
}

/** An id that is safe to use in a message. The text in a request need not be a valid id. */
function safe(id: string): string {
  return /^[\w.-]{1,64}$/.test(id) ? id : "ID";
}
