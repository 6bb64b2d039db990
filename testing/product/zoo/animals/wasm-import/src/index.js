import unexported from "calc/wasm/adder.wasm";
import viaQuery from "../lib/adder.wasm?module";
import adder from "./adder.wasm";
import { sum } from "./sum.js";

const instance = await WebAssembly.instantiate(adder);

export default {
  fetch(request) {
    const [a, b] = new URL(request.url).searchParams.getAll("n").map(Number);
    return Response.json({
      sum: instance.exports.add(a, b),
      again: sum(a, b),
      query: new WebAssembly.Instance(viaQuery).exports.add(a, b),
      unexported: new WebAssembly.Instance(unexported).exports.add(a, b),
      isModule: adder instanceof WebAssembly.Module,
    });
  },
};
