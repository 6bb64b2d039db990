/** How a function is written: `export default …`, or `addEventListener("fetch", …)`. */
export type FunctionSyntax = "modules" | "service-worker";
