import page from "./page.mjs";

export default {
  async fetch(request, env) {
    await env.KV.put("seen", "yes");
    return new Response(page, {
      headers: { "Content-Type": "text/html", "X-Seen": await env.KV.get("seen") },
    });
  },
};
