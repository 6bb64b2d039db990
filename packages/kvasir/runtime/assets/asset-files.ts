import ignore from "ignore";
import type { AssetSettings } from "../../src/wire/asset-settings.js";
import type { DiskFolder } from "./disk-folder.js";

export interface AssetFile {
  /** A digest of the content. */
  readonly etag: string;
  readonly body: ReadableStream | ArrayBuffer | null;
}

/** The files that are served. Paths are decoded and begin with a slash. */
export interface AssetFiles {
  exists(path: string): Promise<boolean>;
  /** Returns `undefined` if there is no file. */
  open(path: string): Promise<AssetFile | undefined>;
}

/** The files of a manifest that was made at the start (`serve`). */
export class ListedFiles implements AssetFiles {
  readonly #disk: DiskFolder;
  readonly #etags: ReadonlyMap<string, string>;

  constructor(disk: DiskFolder, manifest: Readonly<Record<string, string>>) {
    this.#disk = disk;
    this.#etags = new Map(Object.entries(manifest));
  }

  async exists(path: string): Promise<boolean> {
    return this.#etags.has(path);
  }

  async open(path: string): Promise<AssetFile | undefined> {
    const etag = this.#etags.get(path);
    const file = etag === undefined ? undefined : await this.#disk.read(path);
    return etag === undefined || file === undefined ? undefined : { etag, body: file.body };
  }
}

/** The files as they are now: edited, new and removed files count for the next request (`dev`). */
export class CurrentFiles implements AssetFiles {
  readonly #disk: DiskFolder;
  readonly #isIgnored: (path: string) => boolean;

  constructor(disk: DiskFolder, ignored: AssetSettings["ignored"]) {
    this.#disk = disk;
    const matcher = ignore().add([...ignored]);
    this.#isIgnored = (path) => matcher.ignores(path.slice(1));
  }

  async exists(path: string): Promise<boolean> {
    return isFilePath(path) && !this.#isIgnored(path) && (await this.#disk.has(path));
  }

  async open(path: string): Promise<AssetFile | undefined> {
    // Times of files are too coarse for an ETag: two edits in a second would have the same one.
    const content = await (await this.#disk.read(path))?.arrayBuffer();
    if (content === undefined) return undefined;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content)).slice(0, 16);
    return { etag: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join(""), body: content };
  }
}

/** Whether a path can name a file below the folder. A decoded path may have any segments. */
function isFilePath(path: string): boolean {
  const [first, ...segments] = path.split("/");
  if (first !== "" || segments.length === 0) return false;
  return segments.every(
    (segment) => segment !== "" && segment !== "." && segment !== ".." && !segment.includes("\0"),
  );
}
