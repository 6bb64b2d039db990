import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "sites that moved from Pages: _headers, _redirects, and a Worker that runs before the assets",
  async visit({ send }) {
    await send("GET /", { shows: "home" });
    await send("GET /whoami", { shows: "worker local" });
    await send("GET /docs/intro", { shows: "intro" });
    await send("GET /docs/intro/", { status: 307 });
    await send("GET /docs", { shows: "docs" });
    await send("GET /rewritten", { shows: "intro" });
    await send("GET /static/app.js", { shows: "x = 1" });
    await send("GET /old", { status: 301 });
    await send("GET /blog/intro", { status: 302 });
    await send("GET /users/7/profile", { status: 308 });
    await send("GET /ext", { status: 302 });
    await send("GET /proxied", { shows: "intro" });
    await send("GET /none", { status: 404, shows: "nothing at /none" });
    await send("GET /_headers", { status: 404 });
  },
};
export default animal;
