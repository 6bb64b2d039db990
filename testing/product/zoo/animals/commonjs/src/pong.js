import ping from "./ping.js";

export default function pong(n) {
  return n === 0 ? "end" : `pong ${ping(n - 1)}`;
}
