import { FakeClock, open } from "@kvasir/store";
import { describeStore } from "./store-suite.js";

describeStore("a store that behaves as a hosted service", {
  supports: { atomicAcrossKeys: true, durable: false, multiProcess: false, strong: false },
  open: async () => {
    const clock = new FakeClock();
    return { store: open(":memory:", { clock, consistency: "edge" }).store, clock };
  },
});
