import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "Workers that keep their data in KV, and also have a queue, a D1 database or a dataset for Analytics Engine",
  async visit({ send }) {
    await send("PUT /a", { body: "one", status: 201, shows: "saved" });
    await send("GET /a", { shows: "one" });
    await send("DELETE /a", { shows: '"deleted":"/a"' });
    await send("GET /a", { status: 404 });
    await send("GET /search").catch((error: Error) => {
      if (!error.message.includes('Kvasir has no bindings of the kind "D1 Database"')) throw error;
    });
  },
};
export default animal;
