import { DiskFolder } from "./assets/disk-folder.js";

interface SiteEnv {
  readonly FILES: Fetcher;
  /** The path of the folder in the service, by segments. */
  readonly FOLDER: readonly string[];
  /** The files' names and their keys. */
  readonly MANIFEST: Readonly<Record<string, string>>;
}

/** The page size of Workers KV. */
const LIST_LIMIT = 1_000;

/** The KV protocol of workerd over the files of Workers Sites. Keys are files' names, or keys of the manifest. */
export default {
  async fetch(request: Request, env: SiteEnv): Promise<Response> {
    if (request.method !== "GET") {
      // workerd waits until the value has been read.
      await request.body?.pipeTo(new WritableStream());
      const message = `Cannot ${request.method.toLowerCase()}() with Workers Sites namespace`;
      return new Response(message, { status: 405, statusText: message });
    }
    const url = new URL(request.url);
    const asked = url.pathname.slice(1);
    if (asked === "") return list(url.searchParams, Object.values(env.MANIFEST).sort());
    const key =
      url.searchParams.get("urlencoded")?.toLowerCase() === "true" ? decodeURIComponent(asked) : asked;
    const name = Object.hasOwn(env.MANIFEST, key) ? key : nameOf(key, env.MANIFEST);
    const file =
      name === undefined ? undefined : await new DiskFolder(env.FILES, env.FOLDER).read(`/${name}`);
    return file ?? new Response("Not Found", { status: 404, statusText: "Not Found" });
  },
};

function nameOf(key: string, manifest: SiteEnv["MANIFEST"]): string | undefined {
  return Object.keys(manifest).find((name) => manifest[name] === key);
}

function list(options: URLSearchParams, keys: readonly string[]): Response {
  const limit = Number(options.get("key_count_limit") ?? LIST_LIMIT);
  if (!(limit >= 1 && limit <= LIST_LIMIT)) {
    const message = `Invalid key_count_limit of ${limit}. Please specify an integer from 1 to ${LIST_LIMIT}.`;
    return new Response(message, { status: 400, statusText: message });
  }
  const prefix = options.get("prefix") ?? "";
  const cursor = options.get("cursor");
  const after = cursor === null ? "" : decodeURIComponent(atob(cursor));
  const rest = keys.filter((key) => key.startsWith(prefix) && key > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const names = page.map((name) => ({ name }));
  return page.length === rest.length || last === undefined
    ? Response.json({ keys: names, list_complete: true })
    : Response.json({ keys: names, list_complete: false, cursor: btoa(encodeURIComponent(last)) });
}
