import * as v from "valibot";
import { FunctionError } from "../../failure/function-error.js";
import type { ConfigDocument } from "./config-document.js";
import { CronError, cronPattern } from "./cron.js";

/** A cron trigger of a Worker. */
export interface CronTrigger {
  /** As the config has it, and as `controller.cron` shows it. */
  readonly expression: string;
  /** The same schedule, for croner. */
  readonly pattern: string;
}

/** `"triggers": { "crons": ["0 * * * *"] }` */
export const triggersSchema = v.looseObject(
  {
    crons: v.optional(
      v.array(
        v.string("must be a cron expression, in quotes"),
        'must be a list of cron expressions such as ["0 * * * *"]',
      ),
    ),
  },
  'must be like { "crons": ["0 * * * *"] }',
);

/** @throws FunctionError that names the file, the line and the expression */
export function cronTriggers(
  document: ConfigDocument,
  triggers: v.InferOutput<typeof triggersSchema> | undefined,
): readonly CronTrigger[] {
  return [...new Set(triggers?.crons)].map((expression) => {
    try {
      return { expression, pattern: cronPattern(expression) };
    } catch (error) {
      if (!(error instanceof CronError)) throw error;
      throw new FunctionError(
        `${document.locate(["triggers", "crons"])}: the cron expression "${expression}" ${error.message}.`,
      );
    }
  });
}
