import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "Workers that stream: transforms, server-sent events, compression, KV values as streams",
  async visit({ send }) {
    await send("POST /upper", { body: "raven und rabe", shows: "RAVEN UND RABE." });
    await send("GET /events", { shows: 'id: 3\ndata: {"tick":3}' });
    await send("GET /gzip", { shows: "packed packed" });
    await send("PUT /file", { body: "x".repeat(70_000), status: 201 });
    await send("GET /file", { shows: "xxx" });
    await send("GET /none", { status: 404 });
  },
};
export default animal;
