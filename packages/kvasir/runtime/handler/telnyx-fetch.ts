import { VALUE_FORM_HEADER } from "../../src/wire/names.js";
import { service } from "./services.js";

const HOST = "https://api.telnyx.com";
const STORAGE = "/v2/storage/kvs";
/** A placeholder host: the service decides where requests go. */
const LOCAL = "http://kv";

/** Sends requests to Telnyx's storage API to Kvasir instead. All other requests are unchanged. */
export function rerouteFetch(): void {
  const outside = globalThis.fetch.bind(globalThis);
  globalThis.fetch = async (input, init) => {
    const path = storagePath(input);
    if (path === undefined) return outside(input, init);
    return service("kvasir:telnyx").fetch(new Request(LOCAL + path, new Request(input, init)));
  };
}

/** Sends a request to Kvasir. Values are plain bytes, also if the namespace uses an envelope on the wire. */
export function telnyxFetch(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set(VALUE_FORM_HEADER, "bytes");
  return service("kvasir:telnyx").fetch(`${LOCAL}${STORAGE}${path}`, { ...init, headers });
}

/** Path and query of a request to the storage API. `undefined` for any other request. */
function storagePath(input: RequestInfo | URL): string | undefined {
  const text = input instanceof Request ? input.url : String(input);
  // An invalid URL is left to the real fetch, which throws the usual error.
  if (!text.toLowerCase().startsWith(HOST) || !URL.canParse(text)) return undefined;
  const { origin, pathname, search } = new URL(text);
  const isStorage = pathname === STORAGE || pathname.startsWith(`${STORAGE}/`);
  return origin === HOST && isStorage ? pathname + search : undefined;
}
