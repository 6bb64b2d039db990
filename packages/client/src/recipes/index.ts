export type { AtomicBinding, Guarantee, GuaranteeOf } from "./binding.js";
export type { Clock } from "./clock.js";
export type { RecipeOptions } from "./options.js";
export { perBinding } from "./per-binding.js";
