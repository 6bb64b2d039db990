// A process with a cache over HTTP. Messages tell it which key to get. It reports when it begins to compute,
// and computes until a message ends the computation.
import { connect } from "@kvasir/client";
import { cache } from "@kvasir/client/recipes";

const { url, namespace, leaseSeconds } = JSON.parse(process.argv[2]);
const values = cache(connect({ url, namespace }), { ttlSeconds: 60, leaseSeconds });
let end = () => {};

process.on("message", async ({ ask, end: value }) => {
  if (ask === undefined) return end(value);
  const compute = () =>
    new Promise((resolve) => {
      end = resolve;
      process.send({ type: "computing" });
    });
  const calls = Array.from({ length: ask.callers }, () => values.getOrSetWithStatus(ask.key, compute));
  process.send({ type: "asked" });
  process.send({ type: "answered", answers: await Promise.all(calls) });
});
process.send({ type: "ready" });
