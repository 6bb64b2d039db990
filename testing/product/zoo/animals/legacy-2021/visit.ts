import type { Animal } from "../../animal.js";

const EXPIRATION = /"expiration":\d+/;

const animal: Animal = {
  like: "a project of 2021: account and zone ids, build.upload, an old date, preview ids",
  async visit({ send }) {
    await send("GET /a", { status: 404 });
    for (const name of ["a", "b", "c"])
      await send(`GET /${name}?to=https://example.com/${name}`, { shows: "saved" });
    await send("GET /a", { status: 302 });
    await send("GET /list", { shows: '"list_complete":false', hide: [EXPIRATION] });
    await send("GET /headers", { shows: "two cookies" });
    await send("GET /big", { shows: "AAAA" });
  },
};
export default animal;
