import { lookup } from "mrmime";

/** `json`, `.json` and `a/b.json` become `application/json`, a media type itself; `undefined` for what is unknown. */
export function mediaTypeOf(nameOrType: string): string | undefined {
  if (nameOrType.includes("/") && !/\.[a-z\d]+$/i.test(nameOrType)) return nameOrType;
  return lookup(nameOrType.includes(".") ? nameOrType : `.${nameOrType}`);
}

/** Adds the charset that texts have here, unless one is named. */
export function withCharset(mediaType: string): string {
  const isText = /^(?:text\/|application\/(?:javascript|json|xml)\b|[^;]*\+(?:json|xml)\b)/.test(mediaType);
  return isText && !/;\s*charset=/i.test(mediaType) ? `${mediaType}; charset=utf-8` : mediaType;
}

/** A Content-Type without its parameters, in lower case; `""` for none. */
export function essence(contentType: string | null | undefined): string {
  return (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/**
 * The type among `wanted` that a Content-Type is: extensions (`json`), types, and wildcards (`text/*`, `+json`).
 *
 * @returns the media type itself, not how it was asked for; `false` when it is none of them
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
