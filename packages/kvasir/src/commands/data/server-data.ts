import { type Admin, connect, connectAdmin, type ServerOptions } from "@kvasir/client";
import { encodeHeader, type NamespaceHeader } from "@kvasir/store";
import { Failure } from "../../failure/failure.js";
import type { DataSource } from "./data-source.js";
import { serverHeader, serverSink, serverSource } from "./server-entries.js";
import { serverFetch } from "./server-fetch.js";

export interface ServerDataOptions {
  /** The API's address, with or without `/client/v4`. */
  readonly url: string;
  readonly token: string | undefined;
}

/** A running server. */
export function serverData({ url, token }: ServerDataOptions): DataSource {
  const place = parseUrl(url);
  const server = {
    url: place,
    token,
    fetch: serverFetch({ url: place, sendsToken: token !== undefined }),
    // The user can see that a command waits, and end it. A bulk command may take minutes.
    timeoutMs: 0,
    // The user sees at once that the server is not there.
    retries: 0,
  };
  const admin = adminOf(server);
  return {
    place,
    admin,
    namespace: (namespace) => connect({ ...server, namespace }),
    // The server's log has it.
    advice: async () => [],
    async ensureNamespace() {},
    header: (id) => serverHeader(admin, id),
    source: (id) => serverSource(admin, id),
    sink: (id, options) => serverSink(admin, id, options),
    deleteKeys: (id, keys) => admin.transfer.delete(id, keys),
    ensureTitle: (namespace) => ensureTitle(admin, namespace),
    async close() {},
  };
}

async function ensureTitle(
  { namespaces, transfer }: Admin,
  { title, attributes }: Pick<NamespaceHeader, "title" | "attributes">,
): Promise<string> {
  const find = async () => (await namespaces.list()).find((namespace) => namespace.title === title)?.id;
  const found = await find();
  if (found !== undefined) return found;
  // Unlike a namespace that the API creates, one that an import creates has the attributes that its file names.
  await transfer.importAll(encodeHeader({ id: "", title, attributes }, Date.now()));
  const created = await find();
  if (created !== undefined) return created;
  throw new Failure(`The namespace "${title}" was deleted meanwhile.`, { hint: "Run the command again." });
}

function adminOf(server: ServerOptions): Admin {
  try {
    return connectAdmin(server);
  } catch (cause) {
    // The URL is valid, so it is the token that is not.
    throw new Failure("The token contains blanks, line breaks or other characters that no token has.", {
      hint: "Set KVASIR_TOKEN to one that `kvasir token create` printed.",
      cause,
    });
  }
}

function parseUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Failure(`"${text}" is not a URL.`, { hint: "Give one such as http://127.0.0.1:8788." });
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new Failure(`"${text}" is not an http URL.`, { hint: "Give one such as http://127.0.0.1:8788." });
  }
  // Also the form that wrangler takes.
  return `${url.origin}${url.pathname.replace(/\/+$/, "").replace(/\/client\/v4$/, "")}`;
}
