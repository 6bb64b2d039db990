import { Cron } from "croner";

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
  /** What one item may be besides numbers, ranges and steps, with `N` for a number. */
  readonly special?: RegExp;
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: readonly Field[] = [
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day of the month", min: 1, max: 31, special: /^(?:L|LW|NW)$/ },
  { name: "month", min: 1, max: 12, names: MONTHS },
  { name: "day of the week", min: 1, max: 7, names: WEEKDAYS, special: /^(?:L|NL|N#[1-5])$/ },
];

/** Why an expression is not one, as the end of a sentence. */
export class CronError extends Error {}

/**
 * Reads a cron expression of Cloudflare's dialect: five fields, in UTC, where Sunday is day 1 of the week.
 *
 * @returns the same schedule for croner, where Sunday is day 0
 * @throws CronError
 * @see https://developers.cloudflare.com/workers/configuration/cron-triggers/#supported-cron-expressions
 */
export function cronPattern(expression: string): string {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== FIELDS.length) {
    throw new CronError("needs five fields: minute, hour, day of the month, month, day of the week");
  }
  const pattern = FIELDS.map((field, at) => translate(fields[at] as string, field)).join(" ");
  try {
    new Cron(pattern, { paused: true, timezone: "UTC" });
  } catch {
    throw new CronError("is not a schedule");
  }
  return pattern;
}

function translate(text: string, field: Field): string {
  return text
    .split(",")
    .map((item) => translateItem(item, field))
    .join(",");
}

function translateItem(item: string, field: Field): string {
  const { name, special } = field;
  const wrong = new CronError(`has "${item}" as the ${name}${hintFor(field)}`);
  const [range = "", step, ...rest] = item.split("/");
  if (rest.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) throw wrong;
  const suffix = step === undefined ? "" : `/${step}`;
  if (range === "*") return `*${suffix}`;
  const ends = range.split("-").map((end) => numberOf(end, field));
  if (ends.length <= 2 && ends.every((end) => end !== undefined)) {
    const [from, to = step === undefined ? from : field.max] = ends as [number, number?];
    if (to < from) throw wrong;
    const shown =
      to === from ? `${inCroner(from, field)}` : `${inCroner(from, field)}-${inCroner(to, field)}`;
    // croner has no step of a single number.
    return to === from ? shown : shown + suffix;
  }
  const parts = /^(L|LW|(\w+?)(W|L|#\d))$/i.exec(range);
  if (special === undefined || parts === null || step !== undefined) throw wrong;
  const [, whole = "", number, kind = ""] = parts;
  const value = number === undefined ? undefined : numberOf(number, field);
  const shape = value === undefined ? whole.toUpperCase() : `N${kind.toUpperCase()}`;
  if (!special.test(shape)) throw wrong;
  if (value !== undefined) return `${inCroner(value, field)}${kind.toUpperCase()}`;
  // The last day of the week is a Saturday.
  return isWeekday(field) ? "6" : shape;
}

function numberOf(text: string, { min, max, names = [] }: Field): number | undefined {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return named + 1;
  const number = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return number >= min && number <= max ? number : undefined;
}

function inCroner(value: number, field: Field): number {
  return isWeekday(field) ? value - 1 : value;
}

function isWeekday({ names }: Field): boolean {
  return names === WEEKDAYS;
}

function hintFor(field: Field): string {
  if (isWeekday(field)) return ": days of the week are 1 (Sunday) to 7 (Saturday), or SUN to SAT";
  const { min, max, names } = field;
  return `: it must be ${min} to ${max}${names === undefined ? "" : ", or JAN to DEC"}`;
}
