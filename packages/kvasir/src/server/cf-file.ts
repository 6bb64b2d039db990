import { readFileSync } from "node:fs";
import { Failure } from "../failure/failure.js";

const HINT = 'Write an object such as {"country": "DE", "colo": "FRA"} into it, or leave --cf out.';

/**
 * Reads what `request.cf` shows.
 *
 * @throws Failure that names the file and says what it must hold
 */
export function readCfFile(path: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const reason = error instanceof SyntaxError ? "is not JSON" : "cannot be read";
    throw new Failure(`The file ${path} of --cf ${reason}: ${(error as Error).message}.`, { hint: HINT });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Failure(`The file ${path} of --cf does not hold a JSON object.`, { hint: HINT });
  }
  return value as Readonly<Record<string, unknown>>;
}
