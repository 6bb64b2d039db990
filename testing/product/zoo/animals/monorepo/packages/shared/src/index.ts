export type { Cart } from "./cart.ts";
export { CartSchema, priceOf } from "./cart";
