import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { packageFile } from "../package/package-files.js";

/** A built file of the page. */
export interface PageFile {
  readonly contentType: string;
  readonly bytes: Buffer;
  /** The same bytes, compressed when they were built. Absent if that makes them no smaller. */
  readonly brotli: Buffer | undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

const FOLDER = packageFile("dist/dashboard");

/** The files of the page. They are read when they are asked for the first time, and kept. */
export class PageFiles {
  readonly #read = new Map<string, PageFile>();
  #names: Promise<ReadonlySet<string>> | undefined;

  /** @param name a path below the page's folder, such as `assets/index-Bx3f.js` */
  async get(name: string): Promise<PageFile | undefined> {
    const known = this.#read.get(name);
    if (known !== undefined) return known;
    this.#names ??= namesIn(FOLDER);
    const names = await this.#names;
    const contentType = TYPES[extname(name)];
    // A name is compared with those that are there, so that no path leads out of the folder.
    if (contentType === undefined || !names.has(name)) return undefined;
    const file = {
      contentType,
      bytes: readFileSync(join(FOLDER, name)),
      brotli: names.has(`${name}.br`) ? readFileSync(join(FOLDER, `${name}.br`)) : undefined,
    };
    this.#read.set(name, file);
    return file;
  }
}

async function namesIn(folder: string): Promise<ReadonlySet<string>> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  return new Set(entries.map((name) => name.replaceAll("\\", "/")));
}
