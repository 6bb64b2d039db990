import { notFound } from "./not-found";

addEventListener("fetch", (event) => {
  event.respondWith(handle(event));
});

async function handle(event) {
  const { request } = event;
  const { pathname } = new URL(request.url);
  const [, folder, name] = pathname.split("/");
  if (pathname === "/") return new Response(`${GREETING} from a service worker, ${LIMITS.notes} notes`);
  if (folder !== "notes" || name === undefined) return notFound(pathname);
  if (request.method === "PUT") {
    const body = await request.text();
    event.waitUntil(NOTES.put("last", name));
    await NOTES.put(name, body, { metadata: { length: body.length } });
    return new Response(null, { status: 204 });
  }
  if (request.method === "DELETE") {
    await NOTES.delete(name);
    return new Response("gone", { headers: { "X-Deleted": name } });
  }
  const { value, metadata } = await NOTES.getWithMetadata(name);
  if (value === null) return notFound(name);
  return new Response(value, { headers: { "X-Length": String(metadata?.length) } });
}
