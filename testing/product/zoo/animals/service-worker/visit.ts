import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "the Workers of the first years: a service worker, with its namespace and its vars as globals",
  async visit({ send }) {
    await send("GET /", { shows: "Hello from a service worker, 3 notes" });
    await send("PUT /notes/a", { body: "first", status: 204 });
    await send("GET /notes/a", { shows: "first" });
    // The Worker writes it after its response.
    await send("GET /notes/last", { until: ({ body }) => body === "a", shows: "a" });
    await send("GET /notes/none", { status: 404 });
    await send("DELETE /notes/a", { shows: "gone" });
    await send("GET /notes/a", { status: 404 });
    await send("HEAD /");
  },
};
export default animal;
