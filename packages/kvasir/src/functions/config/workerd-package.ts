import { createRequire } from "node:module";
import { FunctionError } from "../../failure/function-error.js";

interface WorkerdPackage {
  readonly default: string;
  /** The newest compatibility date that this workerd knows. */
  readonly compatibilityDate: string;
}

let loaded: WorkerdPackage | undefined;

/** Path of the workerd executable. Each platform has a package with it, so no install script is needed. */
export function workerdPath(): string {
  return workerdPackage().default;
}

/** The newest compatibility date that the installed workerd knows, as YYYY-MM-DD. */
export function newestCompatibilityDate(): string {
  return workerdPackage().compatibilityDate;
}

function workerdPackage(): WorkerdPackage {
  try {
    loaded ??= createRequire(import.meta.url)("workerd") as WorkerdPackage;
    return loaded;
  } catch (cause) {
    throw new FunctionError(
      `workerd, which runs the functions, is not installed for ${process.platform} ${process.arch}.`,
      {
        hint: "Run npm install again on this machine, without --omit=optional.",
        cause,
      },
    );
  }
}
