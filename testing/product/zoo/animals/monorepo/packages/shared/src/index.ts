export { CartSchema, priceOf } from "./cart";
export type { Cart } from "./cart.ts";
