import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "Workers that render with Preact's h: jsx_factory and jsx_fragment in the config, minified",
  async visit({ send }) {
    await send("GET /?name=Huginn&name=Muninn", { shows: '<ul><li data-name="Huginn">Huginn</li>' });
  },
};
export default animal;
