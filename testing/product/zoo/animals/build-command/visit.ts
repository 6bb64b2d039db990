import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "workers-rs, ClojureScript and esbuild projects: build.command makes the entry module",
  async visit({ send }) {
    await send("GET /", { shows: "build time" });
  },
};
export default animal;
