import { ADDER_WASM } from "../../adder-wasm.js";
import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "Workers with compiled parts (resvg, photon, argon2): .wasm and .wasm?module imports",
  files: {
    "src/adder.wasm": ADDER_WASM,
    "lib/adder.wasm": ADDER_WASM,
    // A package whose package.json does not export the file.
    "node_modules/calc/package.json": '{ "name": "calc", "exports": { ".": "./index.js" } }',
    "node_modules/calc/wasm/adder.wasm": ADDER_WASM,
  },
  async visit({ send }) {
    await send("GET /?n=1&n=2", { shows: '"sum":3,"again":3,"query":3,"unexported":3,"isModule":true' });
  },
};
export default animal;
