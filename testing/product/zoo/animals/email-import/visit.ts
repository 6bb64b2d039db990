import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "Workers that also handle mail: cloudflare:email is imported, and fetch must work",
  async visit({ send }) {
    await send("GET /", { shows: '"from":"a@example.com"' });
  },
};
export default animal;
