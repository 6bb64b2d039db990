import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "Workers that use Node's modules, at a date when the runtime has nearly all",
  async visit({ send }) {
    await send("GET /crypto", { shows: '"equal":true' });
    await send("GET /buffer", { shows: '"text":"hello"' });
    await send("GET /storage", { shows: '"id":"1"' });
    await send("GET /events", { shows: "raven" });
    await send("GET /path", { shows: "/b/c" });
    await send("GET /stream", { shows: '["a","b"]' });
    await send("GET /util", { shows: "a 1" });
    await send("GET /url", { shows: "/p" });
    for (const name of ["fs", "os", "tty", "zlib", "process", "globals", "require"])
      await send(`GET /${name}`);
  },
};
export default animal;
