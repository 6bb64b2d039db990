import { FunctionError } from "../../failure/function-error.js";
import { newestCompatibilityDate } from "./workerd-package.js";

const DATE = /^\d{4}-\d{2}-\d{2}$/;

export interface CompatibilityDate {
  readonly date: string;
  readonly warning: string | undefined;
}

/**
 * Returns the compatibility date to run with. workerd does not start with a date newer than
 * it knows, so a newer date is replaced by the newest known one, with a warning. Without a
 * date the newest known one is used.
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
