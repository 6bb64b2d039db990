import { KvError, type KvErrorCode } from "@kvasir/client/namespace";

/** How much of an invalid value an error shows, in UTF-16 units. */
const SHOWN_LENGTH_MAX = 64;

/**
 * The value of a query parameter, form-decoded (`+` is a space). The first one if there are several.
 *
 * Searches the raw text for the name. Most requests have no query, and building a map of all parameters costs
 * more than the few searches of a handler.
 *
 * @throws KvError `bad_request` for a malformed percent-encoding
 */
export function queryParam(query: string, name: string): string | undefined {
  let start = 0;
  while (start < query.length) {
    let end = query.indexOf("&", start);
    if (end === -1) end = query.length;
    const equals = query.indexOf("=", start);
    const nameEnd = equals === -1 || equals > end ? end : equals;
    if (nameEnd - start === name.length && query.startsWith(name, start)) {
      return formDecode(query.slice(Math.min(nameEnd + 1, end), end), name);
    }
    start = end + 1;
  }
  return undefined;
}

/** All values of a parameter that may be repeated, in order. */
export function queryParams(query: string, name: string): string[] {
  const values: string[] = [];
  for (const pair of query.split("&")) {
    if (pair.startsWith(name) && pair[name.length] === "=") {
      values.push(formDecode(pair.slice(name.length + 1), name));
    }
  }
  return values;
}

/**
 * An integer from the query, in decimal digits. `300.0` is one too: clients whose language has such numbers
 * send them, as in JSON. Text such as `60abc` or `1 day, 0:00:00` is refused, because its first digits are not
 * what was meant. The caller checks the range.
 *
 * @throws KvError with `code`
 */
export function queryInteger(query: string, name: string, code: KvErrorCode): number | undefined {
  const text = queryParam(query, name);
  return text === undefined ? undefined : decimalInteger(text, name, code);
}

/** {@link queryInteger} for text from another source. */
export function decimalInteger(text: string, name: string, code: KvErrorCode): number {
  if (/^-?\d{1,15}(\.0+)?$/.test(text)) return Number(text);
  throw new KvError(
    code,
    `Invalid ${name} of "${text.slice(0, SHOWN_LENGTH_MAX)}". Please specify an integer.`,
    {
      hint: "Send decimal digits only.",
    },
  );
}

/** Whether a parameter is `true`. `false` and absent both give `false`. */
export function queryFlag(query: string, name: string): boolean {
  const text = queryParam(query, name)?.toLowerCase();
  if (text === undefined || text === "false" || text === "0") return false;
  if (text === "true" || text === "1" || text === "") return true;
  throw new KvError("bad_request", `Invalid ${name}. Please specify true or false.`);
}

function formDecode(text: string, name: string): string {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch (cause) {
    throw new KvError("bad_request", `Could not URL-decode the query parameter ${name}`, { cause });
  }
}
