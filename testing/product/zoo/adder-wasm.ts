/** A WebAssembly module that exports `add(a: i32, b: i32): i32`. */
export const ADDER_WASM = Uint8Array.from(
  Buffer.from("0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b", "hex"),
);
