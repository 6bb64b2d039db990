const CORS = { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "GET,POST,DELETE" };

async function slugOf(url: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(url));
  return btoa(String.fromCharCode(...new Uint8Array(digest).slice(0, 6))).replace(/[+/]/g, "x");
}

export default {
  async fetch(request: Request, env: any, ctx: any): Promise<Response> {
    const url = new URL(request.url);
    const slug = decodeURIComponent(url.pathname.slice(1));
    if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: CORS });
    if (request.method === "POST") {
      const form = await request.formData();
      const target = form.get("url");
      if (typeof target !== "string" || !URL.canParse(target)) {
        return Response.json({ error: "bad url" }, { status: 400, headers: CORS });
      }
      const short = await slugOf(target);
      await env.URLS.put(short, JSON.stringify({ target, visits: 0 }));
      return Response.json({ short: `${url.origin}/${short}` }, { status: 201, headers: CORS });
    }
    if (slug === "") return Response.json(env.CONFIG);
    if (slug === "all") {
      const { keys } = await env.URLS.list();
      const values = await env.URLS.get(
        keys.map(({ name }: { name: string }) => name),
        "json",
      );
      return Response.json(Object.fromEntries(values));
    }
    const entry = await env.URLS.get(slug, { type: "json", cacheTtl: 60 });
    if (entry === null) return new Response("No such link.", { status: 404 });
    if (request.method === "DELETE") {
      await env.URLS.delete(slug);
      return new Response(null, { status: 204, headers: CORS });
    }
    await env.URLS.put(slug, JSON.stringify({ ...entry, visits: entry.visits + 1 }));
    return Response.redirect(entry.target, 301);
  },
};
