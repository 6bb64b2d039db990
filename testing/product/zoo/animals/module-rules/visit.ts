import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "Workers that import their pages, queries and icons, with rules of their own and the default ones",
  files: {
    "src/data/favicon.ico": new Uint8Array([0, 0, 1, 0, 255]),
    "src/data/numbers.dat": new Uint8Array([1, 2, 3]),
    "src/data/raw.bin": new Uint8Array([200, 201]),
  },
  async visit({ send }) {
    await send("GET /", { shows: "<app>{{name}}</app>" });
  },
};
export default animal;
