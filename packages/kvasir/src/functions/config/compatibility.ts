import { FunctionError } from "../../failure/function-error.js";
import { newestCompatibilityDate } from "./workerd-package.js";

const DATE = /^\d{4}-\d{2}-\d{2}$/;

export interface CompatibilityDate {
  readonly date: string;
  readonly warning: string | undefined;
}

/**
 * The compatibility date to run with. One beyond what the installed workerd knows would stop it from starting,
 * so it becomes the newest known one, with a warning; none at all is the newest known one too.
 */
export function compatibilityDateOf(wanted: string | undefined, where: string): CompatibilityDate {
  const newest = newestCompatibilityDate();
  if (wanted === undefined) return { date: newest, warning: undefined };
  if (!DATE.test(wanted) || Number.isNaN(Date.parse(wanted))) {
    throw new FunctionError(`${where}: compatibility_date "${wanted}" is not a date.`, {
      hint: `Write it as YYYY-MM-DD, for example "${newest}".`,
    });
  }
  if (wanted <= newest) return { date: wanted, warning: undefined };
  return {
    date: newest,
    warning: `${where}: compatibility_date ${wanted} is newer than the installed workerd knows; running with ${newest}. Update the workerd package to use it.`,
  };
}
