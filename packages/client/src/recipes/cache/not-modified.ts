/** The headers of a 304 (RFC 9110, 15.4.5). */
const KEPT = [
  "Age",
  "Cache-Control",
  "Cache-Status",
  "Content-Location",
  "Date",
  "ETag",
  "Expires",
  "Vary",
  "X-Cache",
];

/** Returns a 304 if the client already has this response, otherwise the response itself (RFC 9111, 4.3.2). */
export function unlessNotModified(request: Request, response: Response): Response {
  if (response.status !== 200 || !hasAlready(request.headers, response.headers)) return response;
  const headers = new Headers();
  for (const name of KEPT) {
    const value = response.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return new Response(null, { status: 304, headers });
}

function hasAlready(asked: Headers, had: Headers): boolean {
  const tags = asked.get("If-None-Match");
  if (tags !== null) {
    const tag = had.get("ETag");
    return tags.trim() === "*" || (tag !== null && entityTags(tags).includes(opaque(tag)));
  }
  const since = Date.parse(asked.get("If-Modified-Since") ?? "");
  const modified = Date.parse(had.get("Last-Modified") ?? "");
  return modified <= since;
}

/** Parses the tags for weak comparison, which ignores `W/` (RFC 9110, 8.8.3.2). A tag may contain a comma. */
function entityTags(header: string): readonly string[] {
  return header.match(/"[^"]*"/g) ?? [];
}

function opaque(tag: string): string {
  return tag.replace(/^W\//, "");
}
