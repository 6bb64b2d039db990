import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "small APIs on itty-router",
  packages: ["itty-router"],
  async visit({ send }) {
    await send("GET /v1/books", { shows: "[]" });
    await send("PUT /v1/books/1", {
      body: '{"title":"Edda","pages":300}',
      headers: { "content-type": "application/json" },
      status: 201,
    });
    await send("GET /v1/books/1?a=1&a=2", { shows: "Edda", headers: { origin: "https://example.com" } });
    await send("GET /v1/books", { shows: '"pages":300' });
    await send("GET /v1/books/2", { status: 404 });
    await send("GET /v1/files/a/b/c.txt", { shows: "a/b/c.txt" });
    await send("GET /v1/bad", { status: 500, shows: "thrown" });
    await send("PATCH /v1/echo", { status: 202, body: "echo" });
    await send("OPTIONS /v1/books", { status: 204, headers: { origin: "https://example.com" } });
    await send("GET /", { status: 404 });
  },
};
export default animal;
