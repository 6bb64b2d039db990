/** The header with the id of a request, in requests of proxies and in responses. */
export const REQUEST_ID_HEADER = "X-Request-Id";

/** Headers in which proxies name a request, the first one first. */
const SENT_ID_HEADERS = ["x-request-id", "cf-ray"] as const;

const VALID = /^[\w.:@+/=-]{1,128}$/;

/** Whether a value can stand for a request in a log and in a header. */
export function isRequestId(value: unknown): value is string {
  return typeof value === "string" && VALID.test(value);
}

/**
 * The id that a proxy gave a request. `undefined` if there is none that can stand in a log and in a header.
 *
 * @param headerOf the value of a header, by its name in lower case
 */
export function sentRequestId(headerOf: (name: string) => unknown): string | undefined {
  for (const name of SENT_ID_HEADERS) {
    const value = headerOf(name);
    if (isRequestId(value)) return value;
  }
  return undefined;
}
