import type { Visitor } from "./visitor.js";

/** A Worker of the zoo: a folder of `animals/` with its config, its sources, and this in `visit.ts`. */
export interface Animal {
  /** The real projects that are put together in this way. */
  readonly like: string;
  /** Another animal whose project this one is, with other arguments. @default its own folder */
  readonly project?: string;
  /** Packages of this checkout, linked into the project's `node_modules`. */
  readonly packages?: readonly string[];
  /** The same in other places: place -> package. */
  readonly storePackages?: Readonly<Record<string, string>>;
  /** Further symbolic links in the project: place -> relative target. */
  readonly links?: Readonly<Record<string, string>>;
  /** Files of the project that the repository cannot hold: ignored by git, or binary. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Arguments for `wrangler dev` and `kvasir dev` alike. */
  readonly args?: readonly string[];
  /** Variables in the environment of both. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folders of several Workers. The first one is visited. @default the project's own folder */
  readonly folders?: readonly string[];
  /** Sends requests, in order. What it stores is seen by the requests that follow. */
  visit(visitor: Visitor): Promise<void>;
}
