import type { FunctionBuild } from "./function-dialect.js";

/**
 * Statements that run before the user's code and make `Date` show the fake clock. Empty without a fake clock.
 */
export function fakeDateStatements({ fakeNowMs }: Pick<FunctionBuild, "fakeNowMs">): string {
  if (fakeNowMs === undefined) return "";
  return `import { installFakeDate } from "./kvasir-entry.js";\ninstallFakeDate(${fakeNowMs});\n`;
}
