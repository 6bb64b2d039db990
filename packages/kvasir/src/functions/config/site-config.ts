import { extname, join, resolve } from "node:path";
import * as v from "valibot";
import type { Site } from "../assets/site.js";

const globs = v.optional(v.array(v.string("must be a glob"), "must be a list of globs"));

/** `site` in a wrangler config. */
export const siteSchema = v.looseObject(
  {
    bucket: v.pipe(v.string("must be the path of a folder"), v.nonEmpty("must be the path of a folder")),
    "entry-point": v.optional(v.string("must be the path of a module or a folder")),
    include: globs,
    exclude: globs,
  },
  ({ expected }) =>
    expected === "Object" ? 'must be like { "bucket": "./public" }' : 'is missing: write it like "./public"',
);

export type RawSite = v.InferOutput<typeof siteSchema>;

export interface SiteConfigOptions {
  readonly raw: RawSite | undefined;
  /** The folder of the command line (`--site`), relative to the working directory. It wins over the config's. */
  readonly bucket: string | undefined;
  /** The folder that the config's paths are relative to. */
  readonly root: string;
}

export function readSite({ raw, bucket: fromCommandLine, root }: SiteConfigOptions): Site | undefined {
  const { include = [], exclude = [] } = raw ?? {};
  const bucket = fromCommandLine === undefined ? raw && resolve(root, raw.bucket) : resolve(fromCommandLine);
  return bucket === undefined ? undefined : { bucket, include, exclude };
}

/**
 * The entry module of a config with `site` and without `main`: `site.entry-point`, or the folder
 * `workers-site` that `wrangler init --site` made.
 */
export function siteMain(raw: RawSite, root: string): string {
  const entry = resolve(root, raw["entry-point"] ?? "workers-site");
  return extname(entry) === "" ? join(entry, "index.js") : entry;
}
