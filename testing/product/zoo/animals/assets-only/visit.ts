import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "static sites without a Worker: assets alone",
  async visit({ send }) {
    const home = await send("GET /", { shows: "home" });
    await send("GET /", { status: 304, headers: { "if-none-match": String(home.headers.etag) } });
    await send("GET /index.html", { status: 307 });
    await send("GET /about", { status: 307 });
    await send("GET /about/", { shows: "about" });
    await send("GET /contact", { shows: "contact" });
    await send("GET /contact.html?a=1", { status: 307 });
    await send("GET /contact/", { status: 307 });
    await send("GET /style.css", { shows: "color" });
    await send("HEAD /style.css");
    await send("GET /a%20file.txt", { shows: "spaces" });
    await send("GET /ignored.txt", { status: 404, shows: "<title>nope" });
    await send("GET /guide/none", { status: 404, shows: "guide nope" });
    await send("POST /style.css", { status: 405, body: "x" });
  },
};
export default animal;
