import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "projects that configure the bundler: define, alias, tsconfig with paths, hono/jsx",
  packages: ["hono"],
  async visit({ send }) {
    await send("GET /", { shows: "<title>v1.2.3</title>" });
    await send("GET /facts", { shows: '"mode":"local","beta":true,"standIn":"stand-in"' });
  },
};
export default animal;
