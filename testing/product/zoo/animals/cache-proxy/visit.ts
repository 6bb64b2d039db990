import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "Workers that keep responses of their origin in caches.default",
  async visit({ send }) {
    await send("PUT /page", { body: "page one" });
    await send("GET /page", { shows: "page one" });
    await send("GET /page", { shows: "page one" });
    await send("GET /page", { headers: { "if-none-match": '"page one"' }, status: 304 });
    await send("GET /page", { headers: { "if-none-match": '"other"' } });
    await send("GET /page", {
      headers: { "if-modified-since": "Mon, 02 Jan 2023 00:00:00 GMT" },
      status: 304,
    });
    await send("GET /page", { headers: { range: "bytes=0-3" }, status: 206, shows: "page" });
    await send("PURGE /page", { shows: "true" });
    await send("PURGE /page", { shows: "false" });
    await send("GET /page", { shows: "page one" });
    await send("PUT /private", { body: "own" });
    await send("GET /private?control=no-store", { shows: "own" });
    await send("GET /private?control=no-store", { shows: "own" });
    await send("GET /private?control=max-age%3D60&cookie=a%3D1", { shows: "own" });
    await send("GET /private", { shows: "own" });
    await send("GET /gone", { status: 404 });
    await send("GET /gone", { status: 404 });
    await send("PUT /named/a", { body: "named" });
    await send("GET /named/a", { shows: "named" });
    await send("GET /named/a", { shows: "named" });
  },
};
export default animal;
