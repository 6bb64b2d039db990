export { type Clock, FakeClock, systemClock } from "./clock.js";
export * from "./limits.js";
export type * from "./namespace.js";
export type * from "./store.js";
