import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "Workers that rewrite pages: feature flags out of KV, links, comments",
  async visit({ send }) {
    await send("GET /", { shows: 'href="https://example.com/a"' });
    await send("PUT /", { body: "on", shows: "data-flag" });
  },
};
export default animal;
