import { ADDER_WASM } from "../../adder-wasm.js";
import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "service workers in sloppy mode with wasm_modules, text_blobs and data_blobs, as wrangler 1 had them",
  files: { "adder.wasm": ADDER_WASM, "icon.bin": new Uint8Array([0, 255, 128, 10]) },
  async visit({ send }) {
    await send("GET /", { shows: "<h1>page</h1>" });
    await send("GET /sum", { shows: '{"sum":42}' });
    await send("GET /visits", { shows: '{"visits":1,"isGlobal":true,"isSloppy":true}' });
    await send("GET /icon", { shows: "hex 00ff800a" });
  },
};
export default animal;
