import { KvError } from "@kvasir/client/namespace";

/** What a token may do; each includes the ones before it. */
export const SCOPES = ["read", "write", "admin"] as const;
/** `read` reads and lists, `write` also changes keys, `admin` also namespaces and tokens. */
export type Scope = (typeof SCOPES)[number];

/** Who asks, once it is known. */
export interface Principal {
  readonly scope: Scope;
  /** The only namespaces that exist for it; `null`: all. */
  readonly namespaces: ReadonlySet<string> | null;
  /** Whom its requests are counted for. @default the address that they come from */
  readonly client?: string;
  /** What it stands on, where that can end: a token of the table. */
  readonly token?: { readonly hash: string; readonly expiresMs: number | undefined };
}

/** Who asks where no token is needed, and the holder of the admin token. */
export const ADMIN: Principal = { scope: "admin", namespaces: null };

export function isScope(text: unknown): text is Scope {
  return SCOPES.includes(text as Scope);
}

/** @throws KvError `forbidden` */
export function checkScope(principal: Principal, needed: Scope): void {
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

/** An id as it may stand in a message: what the request named need not be one. */
function safe(id: string): string {
  return /^[\w.-]{1,64}$/.test(id) ? id : "ID";
}
