import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { FunctionError } from "../../failure/function-error.js";
import { type FolderFile, folderFiles } from "./folder-files.js";
import { ignoredFiles } from "./ignored-files.js";
import { ASSET_BYTES_MAX, ASSET_COUNT_MAX } from "./limits.js";
import type { StaticAssets } from "./static-assets.js";

/** The files of a Worker's assets at one point in time: their paths, which begin with a slash, and ETags. */
export type AssetManifest = Readonly<Record<string, string>>;

/** Number of files that are read at once. */
const READS_MAX = 16;

/**
 * The files that are served.
 *
 * @throws FunctionError if the folder cannot be read, or a file or their number is too large
 */
export async function assetFiles(assets: StaticAssets): Promise<readonly FolderFile[]> {
  const { directory } = assets;
  const isIgnored = ignoredFiles(assets.ignored);
  let files: readonly FolderFile[];
  try {
    files = await folderFiles(directory, (name) => !isIgnored(name));
  } catch (cause) {
    throw new FunctionError(`The assets in ${directory} cannot be read: ${(cause as Error).message}.`, {
      cause,
    });
  }
  const large = files.find(({ size }) => size > ASSET_BYTES_MAX);
  if (large !== undefined) {
    throw new FunctionError(
      `The asset ${large.path} has ${large.size} bytes, and at most ${ASSET_BYTES_MAX} (25 MiB) are allowed.`,
      { hint: "Make the file smaller, or name it in a .assetsignore file at the root of the assets." },
    );
  }
  if (files.length > ASSET_COUNT_MAX) {
    throw new FunctionError(
      `${directory} has ${files.length} files, and at most ${ASSET_COUNT_MAX} assets are allowed.`,
      {
        hint: "Check assets.directory, or exclude files with a .assetsignore file at the root of the assets.",
      },
    );
  }
  return files;
}

/** An ETag is a digest of the content, so that it is the same in all processes and on all machines. */
export async function assetManifest(files: readonly FolderFile[]): Promise<AssetManifest> {
  const entries: (readonly [string, string])[] = [];
  const queue = files.values();
  const worker = async () => {
    for (const { path, name } of queue) {
      const hash = createHash("sha256");
      await pipeline(createReadStream(path), hash);
      entries.push([`/${name}`, hash.digest("hex").slice(0, 32)]);
    }
  };
  await Promise.all(Array.from({ length: READS_MAX }, worker));
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
