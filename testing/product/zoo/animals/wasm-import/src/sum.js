import wasm from "../lib/adder.wasm";

const { exports } = new WebAssembly.Instance(wasm);
export const sum = (a, b) => exports.add(a, b);
