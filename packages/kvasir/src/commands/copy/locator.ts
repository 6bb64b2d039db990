import { existsSync } from "node:fs";
import { Failure } from "../../failure/failure.js";

/** What `--from` and `--to` name: a namespace, by its title or its id, and where it is. */
export type CopyLocator = {
  /** For messages and files: without passwords. */
  readonly shown: string;
  readonly namespace: string;
} & (
  | { readonly kind: "directory"; readonly directory: string }
  /** A store that `open()` connects to. */
  | { readonly kind: "store"; readonly locator: string }
  | { readonly kind: "server"; readonly url: string }
  | { readonly kind: "cloudflare"; readonly account: string }
);

const FORMS =
  "A locator is DIRECTORY#NAMESPACE, http://HOST:PORT#NAMESPACE, cloudflare:ACCOUNT/NAMESPACE or valkey://HOST#NAMESPACE.";

/**
 * Parses the value of `--from` or `--to`.
 *
 * @param flag for messages
 * @param account the account that the environment names, for `cloudflare:NAMESPACE`
 * @throws Failure that says what is missing
 */
export function parseCopyLocator(
  text: string,
  { flag, account }: { readonly flag: string; readonly account: string | undefined },
): CopyLocator {
  if (text.trim() === "") throw new Failure(`${flag} is empty.`, { hint: FORMS });
  if (/^cloudflare:/i.test(text)) return parseCloudflare(text, { flag, account });
  const { place, namespace } = splitNamespace(text, flag);
  const [, scheme] = /^([a-z][a-z0-9+.-]+):\/\//i.exec(place) ?? [];
  switch (scheme?.toLowerCase()) {
    case undefined:
    case "lmdb":
      return parseDirectory(place, namespace, flag);
    case "http":
    case "https":
      return parseServer(place, namespace, flag);
    default:
      return { kind: "store", locator: place, namespace, shown: `${withoutPassword(place)}#${namespace}` };
  }
}

/** Titles and folders may contain `#`: the longest folder that exists wins, else the first `#` ends the place. */
function splitNamespace(text: string, flag: string): { readonly place: string; readonly namespace: string } {
  const ends = [...text.matchAll(/#/g)].map(({ index }) => index);
  const at = ends.findLast((end) => end > 0 && existsSync(text.slice(0, end))) ?? ends[0] ?? text.length;
  const place = text.slice(0, at);
  const namespace = text.slice(at + 1);
  if (namespace !== "") return { place, namespace };
  throw new Failure(`${flag} ${JSON.stringify(withoutPassword(text))} names no namespace.`, {
    hint: `Add its title or its id: ${withoutPassword(place) || "DIRECTORY"}#NAMESPACE. ${FORMS}`,
  });
}

function parseDirectory(place: string, namespace: string, flag: string): CopyLocator {
  const directory = place.replace(/^lmdb:(\/\/)?/i, "");
  if (directory === "") {
    throw new Failure(`${flag} names no data directory before #${namespace}.`, { hint: FORMS });
  }
  if (directory === ":memory:") {
    throw new Failure(`${flag} names a store in memory, which ends with this command.`, {
      hint: "Give a data directory.",
    });
  }
  return { kind: "directory", directory, namespace, shown: `${directory}#${namespace}` };
}

function parseServer(place: string, namespace: string, flag: string): CopyLocator {
  if (!URL.canParse(place)) {
    throw new Failure(`${flag} ${JSON.stringify(place)} is not a URL.`, {
      hint: "Give one such as http://127.0.0.1:8788#NAMESPACE.",
    });
  }
  const url = new URL(place);
  if (url.username !== "" || url.password !== "") {
    throw new Failure(`${flag} contains a user or a password, which Kvasir does not use.`, {
      hint: "Set KVASIR_TOKEN to the server's token.",
    });
  }
  // Also the form that wrangler takes.
  const base = `${url.origin}${url.pathname.replace(/\/+$/, "").replace(/\/client\/v4$/, "")}`;
  return { kind: "server", url: base, namespace, shown: `${base}#${namespace}` };
}

function parseCloudflare(
  text: string,
  { flag, account: known }: { readonly flag: string; readonly account: string | undefined },
): CopyLocator {
  const rest = text.slice("cloudflare:".length).replace(/^\/\//, "");
  const slash = rest.indexOf("/");
  const account = slash > 0 ? rest.slice(0, slash) : known;
  const namespace = rest.slice(slash + 1);
  if (namespace === "") {
    throw new Failure(`${flag} ${JSON.stringify(text)} names no namespace.`, {
      hint: "Write cloudflare:ACCOUNT/NAMESPACE, with the namespace's title or id.",
    });
  }
  if (account === undefined) {
    throw new Failure(`${flag} ${JSON.stringify(text)} names no account.`, {
      hint: "Write cloudflare:ACCOUNT/NAMESPACE, or set CLOUDFLARE_ACCOUNT_ID.",
    });
  }
  if (!/^[A-Za-z0-9_-]+$/.test(account)) {
    throw new Failure(`${JSON.stringify(account)} is not the id of an account at Cloudflare.`, {
      hint: "`wrangler whoami` shows the ids of your accounts.",
    });
  }
  return { kind: "cloudflare", account, namespace, shown: `cloudflare:${account}/${namespace}` };
}

function withoutPassword(place: string): string {
  return place.replace(/^([a-z][a-z0-9+.-]*:\/\/)([^/@#]*)@/i, "$1…@");
}
