import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "Workers that report the version that is deployed",
  async visit({ send }) {
    await send("GET /", { shows: '"tag":""' });
  },
};
export default animal;
