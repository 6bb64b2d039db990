import { Hono } from "hono";
import type { Env } from "./env.js";
import { Links, parseNewLink } from "./links.js";
import page from "./page.html";

const app = new Hono<{ Bindings: Env }>();

app.get("/", (c) => c.html(page.replaceAll("{{title}}", c.env.TITLE)));

app.get("/api/links", async (c) => c.json(await new Links(c.env.LINKS).list(c.req.query("cursor"))));

app.post("/api/links", async (c) => {
  const wanted = parseNewLink(await c.req.json().catch(() => null));
  if (typeof wanted === "string") return c.json({ error: wanted }, 400);
  const link = await new Links(c.env.LINKS).create(wanted);
  if (link === null) return c.json({ error: `"${wanted.slug}" is taken` }, 409);
  return c.json({ ...link, short: new URL(`/${link.slug}`, c.req.url).href }, 201);
});

app.get("/api/links/:slug", async (c) => {
  const link = await new Links(c.env.LINKS).find(c.req.param("slug"));
  return link === null ? c.json({ error: "There is no such link" }, 404) : c.json(link);
});

app.delete("/api/links/:slug", async (c) => {
  await new Links(c.env.LINKS).remove(c.req.param("slug"));
  return c.body(null, 204);
});

app.get("/:slug", async (c) => {
  const target = await new Links(c.env.LINKS).follow(c.req.param("slug"));
  return target === null ? c.text("There is no such link\n", 404) : c.redirect(target, 302);
});

export default app;
