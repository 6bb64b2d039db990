import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "Hono applications with its middleware: JSX, JWT, cookies, cache, streaming, validation",
  packages: ["hono"],
  async visit({ send }) {
    await send("GET /", { shows: "&lt;JSX&gt;" });
    await send("GET /cached", { shows: "rendered" });
    await send("GET /cached", {
      shows: "rendered",
      until: ({ headers }) => headers["cf-cache-status"] === "HIT",
    });
    await send("GET /auth/me", { status: 401 });
    const { body: token } = await send("GET /token");
    await send("GET /auth/me", { headers: { authorization: `Bearer ${token}` }, shows: '"sub":"odin"' });
    await send("GET /auth/me", { headers: { authorization: "Bearer a.b.c" }, status: 401 });
    await send("GET /admin/", { status: 401 });
    const basic = `Basic ${Buffer.from("odin:raven").toString("base64")}`;
    await send("GET /admin/", { headers: { authorization: basic }, shows: "admin" });
    await send("GET /cookies", { headers: { cookie: "theme=light; user=x" }, shows: '"theme":"light"' });
    await send("GET /text", { shows: "a\nb\nc\n" });
    await send("GET /events", { shows: "event: tick" });
    await send("GET /bytes", { shows: "hex 01c8" });
    const json = { "content-type": "application/json" };
    await send("POST /api/notes/1", { headers: json, body: '{"text":"hi"}', status: 201 });
    await send("POST /api/notes/1", { headers: json, body: '{"no":1}', status: 422 });
    await send("POST /api/notes/1", { headers: json, body: "{", status: 400 });
    await send("GET /api/notes/1", { shows: "hi", headers: { origin: "https://example.com" } });
    await send("GET /api/notes/2", { status: 404, shows: "no such note" });
    await send("OPTIONS /api/notes/1", {
      status: 204,
      headers: { origin: "https://example.com", "access-control-request-method": "PUT" },
    });
    await send("GET /fail", { status: 500, shows: "caught on purpose" });
    await send("GET /mounted/deep/path", { shows: "mounted /deep/path" });
    await send("GET /none", { status: 404 });
  },
};
export default animal;
