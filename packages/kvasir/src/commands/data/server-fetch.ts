import { type Fetch, KvError } from "@kvasir/client";

/**
 * A `fetch` for the clients of a server, whose errors tell a person at a terminal what to do: no server
 * there, a wrong token, or a server of another kind.
 */
export function serverFetch({
  url,
  sendsToken,
}: {
  readonly url: string;
  readonly sendsToken: boolean;
}): Fetch {
  return async (input, init) => {
    const response = await fetch(input, init).catch((cause: unknown) => {
      throw new KvError("unavailable", `There is no Kvasir at ${url}.`, {
        hint: "Start it with `kvasir dev` or `kvasir serve`, or check --url and KVASIR_URL.",
        cause,
      });
    });
    const { ok, status, statusText } = response;
    if (status === 401) {
      const problem = sendsToken ? await refusalOf(response) : "needs a token";
      throw new KvError("unauthorized", `The server at ${url} ${problem}.`, {
        hint: "Set KVASIR_TOKEN to one that `kvasir token create` printed.",
      });
    }
    if (status === 403) {
      throw new KvError("forbidden", "This token does not allow that.", {
        hint: "Set KVASIR_TOKEN to a token with a larger scope, or one for this namespace.",
      });
    }
    // Kvasir's own errors are JSON, or have no body.
    if (!ok && response.headers.get("content-type")?.startsWith("application/json") === false) {
      throw new KvError("route_not_found", `${url} answered ${status} ${statusText}`.trimEnd(), {
        hint: "Check that --url or KVASIR_URL is the address that Kvasir prints after `api`.",
      });
    }
    return response;
  };
}

/** The shapes of an error in the routes that commands use: Kvasir's own, and Cloudflare's envelope. */
interface RefusalBody {
  readonly error?: { readonly message?: unknown };
  readonly messages?: readonly { readonly message?: unknown }[];
}

/** Why a server refuses a token, in its own words if it says so. */
async function refusalOf(response: Response): Promise<string> {
  const body = (await response.json().catch(() => null)) as RefusalBody | null;
  const message = body?.error?.message ?? body?.messages?.[0]?.message;
  return typeof message === "string" ? `refuses this token: ${message}` : "does not know this token";
}
