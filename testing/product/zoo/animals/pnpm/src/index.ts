import { greet } from "greeter";
import { Hono } from "hono";
import { etag } from "hono/etag";

const app = new Hono();
app.use("/etag/*", etag());
app.get("/", (c) => c.text(greet("pnpm")));
app.get("/etag/page", (c) => c.html("<p>page</p>"));

export default app;
