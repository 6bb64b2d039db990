import { connect, connectAdmin, type KVNamespace, KvError, type TokenScope } from "@kvasir/client";
import { type ComponentChildren, createContext } from "preact";
import { useCallback, useContext, useEffect, useMemo, useState } from "preact/hooks";
import { SignIn } from "./sign-in.js";

/** What `/kvasir/session` says of the token. */
interface Rights {
  readonly scope: TokenScope;
  readonly namespaces: readonly string[] | null;
}

export interface Session {
  /** Whether the token allows what needs this scope. The server checks it all the same. */
  can(scope: TokenScope): boolean;
  /** Whether the token is bound to namespaces. */
  readonly isBound: boolean;
  readonly usesToken: boolean;
  namespace(id: string): KVNamespace;
  readonly admin: ReturnType<typeof connectAdmin>;
  /** A request to the API, with the token. */
  send(path: string, init?: RequestInit): Promise<Response>;
  signOut(): void;
}

const SCOPES: readonly TokenScope[] = ["read", "write", "admin"];
/** The token is kept for this tab only. It is never a cookie, so that other sites cannot use it. */
const TOKEN = "kvasir-token";
const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("There is no session around this component");
  return session;
}

/** Shows its children to somebody who is signed in, or whom the server asks for no token. */
export function SessionProvider({ children }: { readonly children: ComponentChildren }) {
  const [token, setToken] = useState(() => sessionStorage.getItem(TOKEN) ?? undefined);
  const [rights, setRights] = useState<Rights>();
  const [problem, setProblem] = useState<string>();
  const [needsToken, setNeedsToken] = useState(false);

  const signOut = useCallback((reason?: string) => {
    sessionStorage.removeItem(TOKEN);
    setToken(undefined);
    setRights(undefined);
    setProblem(reason);
    setNeedsToken(true);
  }, []);

  const signIn = async (candidate: string | undefined) => {
    try {
      setRights(await rightsOf(candidate));
      if (candidate !== undefined) sessionStorage.setItem(TOKEN, candidate);
      setToken(candidate);
      setProblem(undefined);
    } catch (error) {
      if (!(error instanceof KvError) || error.code !== "unauthorized") {
        setProblem(`${error instanceof Error ? error.message : error}`);
        return;
      }
      setNeedsToken(true);
      sessionStorage.removeItem(TOKEN);
      setProblem(candidate === undefined ? undefined : error.message);
    }
  };

  // The first look decides whether a token is needed at all.
  useEffect(() => {
    void signIn(token);
  }, []);

  const session = useMemo(
    () => (rights === undefined ? null : sessionOf(rights, token, signOut)),
    [rights, token, signOut],
  );
  if (session !== null) return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>;
  if (needsToken) return <SignIn problem={problem} onToken={signIn} />;
  return (
    <main>
      {problem !== undefined && (
        <p role="alert">
          The server cannot be reached: {problem}{" "}
          <button type="button" onClick={() => signIn(token)}>
            Try again
          </button>
        </p>
      )}
    </main>
  );
}

function sessionOf(rights: Rights, token: string | undefined, signOut: (reason?: string) => void): Session {
  /** A token may be revoked while the page is open. */
  const watched: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (response.status === 401) signOut("The token was revoked or has expired.");
    return response;
  };
  const options = { url: location.origin, token, fetch: watched };
  return {
    can: (scope) => SCOPES.indexOf(rights.scope) >= SCOPES.indexOf(scope),
    isBound: rights.namespaces !== null,
    usesToken: token !== undefined,
    namespace: (id) => connect({ ...options, namespace: id }),
    admin: connectAdmin(options),
    send: (path, init) => watched(path, { ...init, headers: headersOf(token, init?.headers) }),
    signOut: () => signOut(),
  };
}

async function rightsOf(token: string | undefined): Promise<Rights> {
  const response = await fetch("/kvasir/session", { headers: headersOf(token) });
  if (response.ok) return (await response.json()) as Rights;
  const { error } = (await response.json()) as { error: { code: "unauthorized"; message: string } };
  throw new KvError(error.code, error.message);
}

function headersOf(token: string | undefined, others?: HeadersInit): Headers {
  const headers = new Headers(others);
  if (token !== undefined) headers.set("Authorization", `Bearer ${token}`);
  return headers;
}
