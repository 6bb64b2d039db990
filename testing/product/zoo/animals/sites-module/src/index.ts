// @ts-expect-error: made by wrangler
import manifestJSON from "__STATIC_CONTENT_MANIFEST";
import { getAssetFromKV, NotFoundError } from "@cloudflare/kv-asset-handler";

const assetManifest = JSON.parse(manifestJSON);

interface Env {
  readonly __STATIC_CONTENT: unknown;
  readonly HITS: { get(key: string): Promise<string | null>; put(key: string, value: string): Promise<void> };
}

export default {
  async fetch(
    request: Request,
    env: Env,
    ctx: { waitUntil(promise: Promise<unknown>): void },
  ): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === "/api/manifest") return Response.json(Object.keys(assetManifest).sort());
    if (url.pathname === "/api/hits") {
      const hits = Number(await env.HITS.get("hits")) + 1;
      await env.HITS.put("hits", String(hits));
      return Response.json({ hits });
    }
    try {
      return await getAssetFromKV(
        { request, waitUntil: (promise) => ctx.waitUntil(promise) },
        {
          ASSET_NAMESPACE: env.__STATIC_CONTENT,
          ASSET_MANIFEST: assetManifest,
          cacheControl: { browserTTL: 60, edgeTTL: 120 },
        },
      );
    } catch (error) {
      if (error instanceof NotFoundError) return new Response("not here", { status: 404 });
      return new Response(String(error), { status: 500 });
    }
  },
};
