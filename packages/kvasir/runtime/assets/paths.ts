/** Paths of assets: decoded inside, encoded in URLs. */

/** Decodes each segment, as far as that is possible, and joins slashes. */
export function decodedPath(pathname: string): string {
  return pathname.split("/").map(decodedSegment).join("/").replace(/\/+/g, "/");
}

export function encodedPath(path: string): string {
  return path.split("/").map(encodedSegment).join("/");
}

/** The path below the base. `undefined` if it is outside. @param base begins and ends with a slash */
export function withoutBase(path: string, base: string): string | undefined {
  if (base === "/") return path;
  if (path !== base.slice(0, -1) && !path.startsWith(base)) return undefined;
  return path.slice(base.length - 1) || "/";
}

export function addBase(path: string, base: string): string {
  if (base === "/") return path;
  return path === "/" ? base : base.slice(0, -1) + path;
}

function decodedSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function encodedSegment(segment: string): string {
  try {
    return encodeURIComponent(segment);
  } catch {
    return segment;
  }
}
