/**
 * Whether a value of a config says nothing. Build tools write empty lists and objects for all that a project
 * does not use.
 */
export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === false) return true;
  return typeof value === "object" && Object.values(value).every(isEmpty);
}
