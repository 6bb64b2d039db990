import type { Animal } from "../../animal.js";

const FORM = { "content-type": "application/x-www-form-urlencoded" };

const animal: Animal = {
  like: "URL shorteners and pastebins on KV",
  async visit({ send }) {
    await send("GET /", { shows: '"max":12.5' });
    const made = await send("POST /", {
      body: "url=https%3A%2F%2Fexample.com%2Fa%3Fb",
      headers: FORM,
      status: 201,
    });
    const short = new URL(JSON.parse(made.body).short).pathname;
    await send(`GET ${short}`, { status: 301 });
    await send("GET /all", { shows: '"target":"https://example.com/a?b"' });
    await send("POST /", { body: "url=nonsense", headers: FORM, status: 400 });
    await send("OPTIONS /", { status: 204, headers: { origin: "https://example.org" } });
    await send(`DELETE ${short}`, { status: 204 });
    await send("GET /none", { status: 404 });
    await send("GET /%F0%9F%90%A6", { status: 404 });
  },
};
export default animal;
