import { Hono } from "hono";
import { basicAuth } from "hono/basic-auth";
import { cache } from "hono/cache";
import { deleteCookie, getCookie, getSignedCookie, setCookie, setSignedCookie } from "hono/cookie";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";
import { jwt, sign } from "hono/jwt";
import { stream, streamSSE, streamText } from "hono/streaming";
import { validator } from "hono/validator";

type Bindings = { KV: any; JWT_SECRET: string };
const app = new Hono<{ Bindings: Bindings }>();

app.use("/api/*", cors({ origin: "https://example.com", credentials: true }));
app.use("/auth/*", (c, next) => jwt({ secret: c.env.JWT_SECRET, alg: "HS256" })(c, next));
app.use("/admin/*", basicAuth({ username: "odin", password: "raven" }));
app.get("/cached", cache({ cacheName: "pages", cacheControl: "max-age=60" }), (c) => c.text("rendered"));
app.get("/", (c) => c.html(<h1 class="top">Hono &lt;JSX&gt;</h1>));
app.get("/token", async (c) =>
  c.text(await sign({ sub: "odin", exp: 4102444800 }, c.env.JWT_SECRET, "HS256")),
);
app.get("/auth/me", (c) => c.json(c.get("jwtPayload" as never)));
app.get("/admin/", (c) => c.text("admin"));
app.get("/cookies", async (c) => {
  setCookie(c, "theme", "dark", { path: "/", maxAge: 60, sameSite: "Lax" });
  await setSignedCookie(c, "user", "odin", "secret");
  deleteCookie(c, "old");
  return c.json({ theme: getCookie(c, "theme"), user: await getSignedCookie(c, "secret", "user") });
});
app.get("/text", (c) =>
  streamText(c, async (out) => {
    for (const word of ["a", "b", "c"]) await out.writeln(word);
  }),
);
app.get("/events", (c) =>
  streamSSE(c, async (out) => {
    await out.writeSSE({ id: "1", event: "tick", data: "one" });
    await out.sleep(5);
    await out.writeSSE({ id: "2", data: "two\nlines" });
  }),
);
app.get("/bytes", (c) => stream(c, async (out) => void (await out.write(new Uint8Array([1, 200])))));
app.post(
  "/api/notes/:id{[0-9]+}",
  validator("json", (value, c) => (typeof value.text === "string" ? value : c.json({ error: "text" }, 422))),
  async (c) => {
    await c.env.KV.put(`note:${c.req.param("id")}`, JSON.stringify(c.req.valid("json")));
    return c.json({ ok: true }, 201);
  },
);
app.get("/api/notes/:id{[0-9]+}", async (c) => {
  const note = await c.env.KV.get(`note:${c.req.param("id")}`, "json");
  if (note === null) throw new HTTPException(404, { message: "no such note" });
  return c.json(note);
});
app.onError((error, c) =>
  error instanceof HTTPException ? error.getResponse() : c.text(`caught ${error.message}`, 500),
);
app.get("/fail", () => {
  throw new Error("on purpose");
});
app.notFound((c) => c.json({ message: `no ${c.req.path}` }, 404));
app.mount("/mounted", (request: Request) => new Response(`mounted ${new URL(request.url).pathname}`));

export default app;
