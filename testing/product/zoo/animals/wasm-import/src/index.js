import { sum } from "./sum.js";
import adder from "./adder.wasm";
import viaQuery from "../lib/adder.wasm?module";

const instance = await WebAssembly.instantiate(adder);

export default {
  fetch(request) {
    const [a, b] = new URL(request.url).searchParams.getAll("n").map(Number);
    return Response.json({
      sum: instance.exports.add(a, b),
      again: sum(a, b),
      query: new WebAssembly.Instance(viaQuery).exports.add(a, b),
      isModule: adder instanceof WebAssembly.Module,
    });
  },
};
