import { getAssetFromKV, mapRequestToAsset } from "@cloudflare/kv-asset-handler";

const DEBUG = false;

addEventListener("fetch", (event) => {
  event.respondWith(handleEvent(event));
});

async function handleEvent(event) {
  const options = {};
  try {
    if (DEBUG) options.cacheControl = { bypassCache: true };
    if (new URL(event.request.url).pathname.startsWith("/docs")) options.mapRequestToAsset = withoutPrefix;
    const page = await getAssetFromKV(event, options);
    const response = new Response(page.body, page);
    response.headers.set("X-XSS-Protection", "1; mode=block");
    response.headers.set("X-Frame-Options", "DENY");
    return response;
  } catch (error) {
    try {
      const notFound = await getAssetFromKV(event, {
        mapRequestToAsset: (request) => new Request(`${new URL(request.url).origin}/404.html`, request),
      });
      return new Response(notFound.body, { ...notFound, status: 404 });
    } catch {}
    return new Response(error.message || error.toString(), { status: 500 });
  }
}

function withoutPrefix(request) {
  const asset = mapRequestToAsset(request);
  const url = new URL(asset.url);
  url.pathname = url.pathname.replace(/^\/docs/, "");
  return new Request(url.toString(), asset);
}
