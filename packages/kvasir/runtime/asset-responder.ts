import type { AssetRouting } from "../src/wire/asset-settings.js";
import { AssetRouter } from "./asset-routing.js";

/** Responds with an asset, or with what `run` returns. */
export type Assets = (request: Request, run: () => unknown) => Promise<unknown>;

/** Lets the static assets respond before the Worker, if there are some. */
export function assetsOf({
  assets,
  prefix,
}: {
  readonly assets?: AssetRouting | undefined;
  readonly prefix: string;
}): Assets | undefined {
  if (assets === undefined) return undefined;
  const router = new AssetRouter(assets);
  return async (request, run) => (await router.respond(request, prefix)) ?? run();
}

/** The handler of a Worker that has none. */
export function noFetch(): never {
  throw new TypeError("Handler does not export a fetch() function.");
}
