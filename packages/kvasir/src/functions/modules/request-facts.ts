import type { FunctionBuild } from "./function-dialect.js";

/** Statements that run before the user's code and complete what workerd tells of a request. */
export function requestFactsStatements({ requestFacts }: Pick<FunctionBuild, "requestFacts">): string {
  return `import { installRequestFacts } from "./kvasir-entry.js";
installRequestFacts(${JSON.stringify(requestFacts)});
`;
}
