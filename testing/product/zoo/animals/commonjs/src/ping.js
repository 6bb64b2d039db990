import pong from "./pong.js";

export default function ping(n) {
  return n === 0 ? "end" : `ping ${pong(n - 1)}`;
}
