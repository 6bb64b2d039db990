import type { FunctionBuild } from "./function-dialect.js";

/** Statements for the module that runs before the user's code: `Date` shows the fake clock, where there is one. */
export function fakeDateStatements({ fakeNowMs }: Pick<FunctionBuild, "fakeNowMs">): string {
  if (fakeNowMs === undefined) return "";
  return `import { installFakeDate } from "./kvasir-entry.js";\ninstallFakeDate(${fakeNowMs});\n`;
}
