import { posix } from "node:path";
import { service } from "../handler/services.js";
import { mediaTypeOf, withCharset } from "./media-type.js";

export interface SendFileOptions {
  /** The folder that the path is relative to, as the function sees it. @default "/" */
  readonly root?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** In milliseconds. */
  readonly maxAge?: number;
  /** @default true */
  readonly cacheControl?: boolean;
  /** @default true */
  readonly lastModified?: boolean;
}

export interface ReadFile {
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** The reason why a file cannot be sent, in Node's words, and the matching status. */
class FileError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: "ENOENT" | "EACCES", status: 403 | 404, path: string) {
    super(`${code}: ${status === 404 ? "no such file" : "permission denied"}, open '${path}'`);
    this.code = code;
    this.status = status;
  }
}

/** The folder of functions in Invoke. */
const APP = "/app";

/**
 * Reads a file of the function's folder, which the function sees as `/app` and `/`. workerd itself rejects
 * paths outside the folder and files whose names begin with a dot.
 */
export async function readFile(path: string, options: SendFileOptions): Promise<ReadFile> {
  const { root = "/", maxAge, cacheControl = true, lastModified = true } = options;
  const base = posix.resolve("/", root);
  const absolute = root === "/" ? posix.resolve("/", path) : posix.join(base, path);
  if (root !== "/" && absolute !== base && !absolute.startsWith(`${base}/`))
    throw new FileError("EACCES", 403, path);
  const inFolder = absolute.startsWith(`${APP}/`) ? absolute.slice(APP.length) : absolute;
  const url = `http://files${inFolder.split("/").map(encodeURIComponent).join("/")}`;
  const response = await service("kvasir:files").fetch(url);
  // For a folder workerd responds with its list of files, as JSON.
  const isFile = response.ok && response.headers.get("Content-Type") === "application/octet-stream";
  if (!isFile) {
    await response.body?.cancel();
    throw new FileError("ENOENT", 404, path);
  }
  const modified = response.headers.get("Last-Modified");
  const maxAgeSeconds = Math.floor((maxAge ?? 0) / 1000);
  return {
    bytes: new Uint8Array(await response.arrayBuffer()),
    headers: {
      "Content-Type": withCharset(mediaTypeOf(posix.extname(path)) ?? "application/octet-stream"),
      ...(lastModified && modified !== null ? { "Last-Modified": modified } : {}),
      ...(cacheControl ? { "Cache-Control": `public, max-age=${maxAgeSeconds}` } : {}),
    },
  };
}
