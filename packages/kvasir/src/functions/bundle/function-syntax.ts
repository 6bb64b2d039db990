/** The syntax of a function: `export default …` or `addEventListener("fetch", …)`. */
export type FunctionSyntax = "modules" | "service-worker";
