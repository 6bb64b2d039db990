import { lookup } from "mrmime";

/**
 * Resolves `json`, `.json` and `a/b.json` to `application/json`. A media type stays itself.
 * Unknown names give `undefined`.
 */
export function mediaTypeOf(nameOrType: string): string | undefined {
  if (nameOrType.includes("/") && !/\.[a-z\d]+$/i.test(nameOrType)) return nameOrType;
  return lookup(nameOrType.includes(".") ? nameOrType : `.${nameOrType}`);
}

/** Adds the charset for text types, unless the type names one. */
export function withCharset(mediaType: string): string {
  const isText = /^(?:text\/|application\/(?:javascript|json|xml)\b|[^;]*\+(?:json|xml)\b)/.test(mediaType);
  return isText && !/;\s*charset=/i.test(mediaType) ? `${mediaType}; charset=utf-8` : mediaType;
}

/** A Content-Type in lower case without its parameters. `""` if it is missing. */
export function essence(contentType: string | null | undefined): string {
  return (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/**
 * Finds the type in `wanted` that matches a Content-Type. Accepts extensions (`json`), media types, and
 * wildcards (`text/*`, `+json`).
 *
 * @returns the media type itself, not the pattern that matched; `false` if none matches
 */
export function matchingType(contentType: string, wanted: readonly string[]): string | false {
  const actual = essence(contentType);
  for (const each of wanted) {
    if (each.startsWith("+") ? actual.endsWith(each) : matches(actual, mediaTypeOf(each) ?? each))
      return actual;
  }
  return false;
}

function matches(actual: string, pattern: string): boolean {
  if (pattern === actual || pattern === "*/*") return true;
  const [type, subtype = ""] = pattern.split("/");
  if (subtype === "*") return actual.startsWith(`${type}/`);
  return subtype.startsWith("*+") && actual.startsWith(`${type}/`) && actual.endsWith(subtype.slice(1));
}
