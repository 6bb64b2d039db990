import { VALUE_FORM_HEADER } from "../../src/wire/names.js";
import { service } from "./services.ts";

const HOST = "https://api.telnyx.com";
const STORAGE = "/v2/storage/kvs";
/** Where it really goes, the service decides. */
const LOCAL = "http://kv";

/** Sends what the function asks of Telnyx's storage API to Kvasir; everything else goes out as usual. */
export function rerouteFetch(): void {
  const outside = globalThis.fetch.bind(globalThis);
  globalThis.fetch = async (input, init) => {
    const path = storagePath(input);
    if (path === undefined) return outside(input, init);
    return service("kvasir:telnyx").fetch(new Request(LOCAL + path, new Request(input, init)));
  };
}

/** Asks Kvasir about values as bytes, whatever their form on the wire. */
export function telnyxFetch(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set(VALUE_FORM_HEADER, "bytes");
  return service("kvasir:telnyx").fetch(`${LOCAL}${STORAGE}${path}`, { ...init, headers });
}

/** Path and query of a request to the storage API; `undefined` for any other. */
function storagePath(input: RequestInfo | URL): string | undefined {
  const text = input instanceof Request ? input.url : String(input);
  // What is no such URL is left for the real fetch to word.
  if (!text.toLowerCase().startsWith(HOST) || !URL.canParse(text)) return undefined;
  const { origin, pathname, search } = new URL(text);
  const isStorage = pathname === STORAGE || pathname.startsWith(`${STORAGE}/`);
  return origin === HOST && isStorage ? pathname + search : undefined;
}
