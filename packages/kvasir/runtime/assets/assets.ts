import mime from "mime";
import type { AssetSettings, NotFoundHandling } from "../../src/wire/asset-settings.js";
import { ASSETS_HEADER } from "../../src/wire/functions-wire.js";
import { type AssetFiles, CurrentFiles, ListedFiles } from "./asset-files.js";
import { DiskFolder } from "./disk-folder.js";
import { type Intent, intentOf } from "./html-handling.js";
import { addBase, decodedPath, encodedPath, withoutBase } from "./paths.js";
import { addHeaders, followRedirects } from "./rules.js";

interface AssetsEnv {
  readonly FILES: Fetcher;
  readonly SETTINGS: AssetSettings;
  /** `null` if the files are looked for at each request. */
  readonly MANIFEST: Readonly<Record<string, string>> | null;
}

/** Cloudflare's: browsers keep assets, and ask each time whether they are still the same. */
const CACHE_CONTROL = "public, max-age=0, must-revalidate";

let files: AssetFiles | undefined;

/** Responds from the assets alone (`env.ASSETS`). */
export default {
  fetch: (request: Request, env: AssetsEnv) => serve(request, env),
};

/** Responds to the entry of the Worker. What the assets do not have is the Worker's. */
export const found = {
  async fetch(request: Request, env: AssetsEnv): Promise<Response> {
    if (request.headers.get(ASSETS_HEADER) === "all" || (await has(request, env))) return serve(request, env);
    return new Response(null, { status: 404, headers: { [ASSETS_HEADER]: "none" } });
  },
};

/** Whether the assets respond to the request instead of the Worker. */
async function has(request: Request, env: AssetsEnv): Promise<boolean> {
  const { basePath, notFoundHandling, notFoundCounts, navigationPrefersAssets } = env.SETTINGS;
  if (withoutBase(decodedPath(new URL(request.url).pathname), basePath) === undefined) return false;
  const navigates = navigationPrefersAssets && request.headers.get("Sec-Fetch-Mode") === "navigate";
  const outcome = await outcomeOf(request, env, notFoundCounts || navigates ? notFoundHandling : "none");
  return outcome !== undefined;
}

async function serve(request: Request, env: AssetsEnv): Promise<Response> {
  const { SETTINGS: settings } = env;
  const url = new URL(request.url);
  if (withoutBase(decodedPath(url.pathname), settings.basePath) === undefined) return notFound();
  const outcome = (await outcomeOf(request, env, settings.notFoundHandling)) ?? notFound();
  const response =
    outcome instanceof Response ? outcome : ((await fileResponse(request, outcome, env)) ?? notFound());
  addHeaders(response, url, settings);
  return response;
}

type Outcome = Response | Extract<Intent, { file: string }>;

/** A redirect, a refusal or a file. `undefined` if there is nothing for the path. */
async function outcomeOf(
  request: Request,
  env: AssetsEnv,
  notFoundHandling: NotFoundHandling,
): Promise<Outcome | undefined> {
  const { basePath, htmlHandling } = env.SETTINGS;
  const url = new URL(request.url);
  const followed = followRedirects(url, env.SETTINGS);
  if (followed instanceof Response) return followed;
  const { pathname, isRewritten } = followed;
  const decoded = decodedPath(pathname);
  const path = withoutBase(decoded, basePath);
  const exists = remembered((file) => filesOf(env).exists(file));
  const handling = { htmlHandling, notFoundHandling, exists };
  const intent =
    path === undefined
      ? undefined
      : ((isRewritten ? undefined : await baseIntent(decoded, env.SETTINGS, exists)) ??
        (await intentOf(path, handling)));
  // A rule that leads nowhere is the assets' fault. The Worker does not get such a request.
  if (intent === undefined) return isRewritten ? notFound() : undefined;
  if (request.method !== "GET" && request.method !== "HEAD") {
    return new Response(null, { status: 405, statusText: "Method Not Allowed" });
  }
  const destination = encodedPath("redirect" in intent ? addBase(intent.redirect, basePath) : decoded);
  if ("redirect" in intent || destination !== pathname) {
    const headers = { Location: destination + url.search };
    return new Response(null, { status: 307, statusText: "Temporary Redirect", headers });
  }
  return intent;
}

/** The form of the base path itself: with a slash, or without one. */
async function baseIntent(
  decoded: string,
  { basePath, htmlHandling }: AssetSettings,
  exists: (path: string) => Promise<boolean>,
): Promise<Intent | undefined> {
  if (basePath === "/" || htmlHandling === "none") return undefined;
  const dropsSlash = htmlHandling === "drop-trailing-slash";
  if (decoded !== (dropsSlash ? basePath : basePath.slice(0, -1))) return undefined;
  return (await exists("/index.html")) ? { redirect: dropsSlash ? "" : "/" } : undefined;
}

async function fileResponse(
  request: Request,
  { file, status }: Extract<Intent, { file: string }>,
  env: AssetsEnv,
): Promise<Response | undefined> {
  const opened = await filesOf(env).open(file);
  if (opened === undefined) return undefined;
  const etag = `"${opened.etag}"`;
  const headers = new Headers({ ETag: etag });
  const type = contentType(file);
  if (type !== undefined) headers.set("Content-Type", type);
  if (!request.headers.has("Authorization") && !request.headers.has("Range")) {
    headers.set("Cache-Control", CACHE_CONTROL);
  }
  headers.set("CF-Cache-Status", "HIT");
  if ([etag, `W/${etag}`].includes(request.headers.get("If-None-Match") ?? "")) {
    return new Response(null, { status: 304, statusText: "Not Modified", headers });
  }
  return new Response(request.method === "HEAD" ? null : opened.body, {
    status,
    statusText: status === 404 ? "Not Found" : "OK",
    headers,
  });
}

function contentType(file: string): string | undefined {
  const type = mime.getType(file) ?? undefined;
  return type?.startsWith("text/") === true && !type.includes("charset") ? `${type}; charset=utf-8` : type;
}

function notFound(): Response {
  return new Response(null, { status: 404, statusText: "Not Found" });
}

function filesOf({ FILES, SETTINGS, MANIFEST }: AssetsEnv): AssetFiles {
  const disk = new DiskFolder(FILES, SETTINGS.folder);
  files ??= MANIFEST === null ? new CurrentFiles(disk, SETTINGS.ignored) : new ListedFiles(disk, MANIFEST);
  return files;
}

/** The same path is asked several times for one request. */
function remembered(exists: (path: string) => Promise<boolean>): (path: string) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>();
  return (path) => {
    const asked = known.get(path) ?? exists(path);
    known.set(path, asked);
    return asked;
  };
}
