import { env } from "cloudflare:workers";
import type { AssetRouting } from "../src/wire/asset-settings.js";
import { ASSETS_BINDING, ASSETS_HEADER } from "../src/wire/functions-wire.js";
import { globPattern } from "./assets/rule-pattern.js";

// Taken before the user's code runs, and taken away: `env` has the members that the config names.
const assetWorker = env[ASSETS_BINDING] as Fetcher | undefined;
delete (env as Record<string, unknown>)[ASSETS_BINDING];

/**
 * Decides for each request whether the static assets respond or the Worker. It runs in the Worker's own
 * isolate, so a request to the Worker passes no other Worker than the one with the assets.
 */
export class AssetRouter {
  readonly #assets = assetWorker as Fetcher;
  readonly #alone: boolean;
  readonly #first: boolean;
  readonly #worker: readonly RegExp[];
  readonly #exceptions: readonly RegExp[];

  constructor({ workerFirst, alone }: AssetRouting) {
    this.#alone = alone;
    this.#first = workerFirst === true;
    const { worker, assets } = typeof workerFirst === "object" ? workerFirst : { worker: [], assets: [] };
    this.#worker = worker.map(globPattern);
    this.#exceptions = assets.map(globPattern);
  }

  /**
   * The assets' response. `undefined` if the Worker responds.
   *
   * @param prefix the path that a router has removed: redirects lead below it
   */
  async respond(request: Request, prefix: string): Promise<Response | undefined> {
    const { pathname } = new URL(request.url);
    const isException = this.#exceptions.some((pattern) => pattern.test(pathname));
    if (!isException && (this.#first || this.#worker.some((pattern) => pattern.test(pathname)))) {
      return undefined;
    }
    const headers = new Headers(request.headers);
    headers.set(ASSETS_HEADER, isException || this.#alone ? "all" : "found");
    const { method } = request;
    const response = await this.#assets.fetch(request.url, { method, headers, redirect: "manual" });
    if (response.headers.get(ASSETS_HEADER) === "none") return undefined;
    return prefix === "" ? response : below(prefix, response);
  }
}

function below(prefix: string, response: Response): Response {
  const location = response.headers.get("Location");
  if (location?.startsWith("/") !== true) return response;
  const moved = new Response(response.body, response);
  moved.headers.set("Location", prefix + location);
  return moved;
}
