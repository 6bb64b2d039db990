import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "Workers that ask where a client is: CF-Connecting-IP, request.cf",
  async visit({ send }) {
    await send("GET /", { shows: '"ip":"127.0.0.1"' });
    await send("GET /", { headers: { "cf-connecting-ip": "203.0.113.9", "x-forwarded-for": "203.0.113.8" } });
    await send("GET /cf", { shows: '"country":"string"' });
    await send("POST /url?a=%20b&c=%C3%A9", { body: "text", shows: "?a=%20b" });
    await send("GET /url?//double/../up", { shows: "url" });
    await send("PROPFIND /url", { shows: "PROPFIND" });
  },
};
export default animal;
