import { dirname, resolve } from "node:path";
import * as v from "valibot";

const text = v.string("must be a string");
const flag = v.boolean("must be true or false");
const path = v.pipe(v.string("must be a path"), v.nonEmpty("must not be empty"));
const texts = v.record(v.string(), text, "must hold names and strings");
const files = v.record(v.string(), path, "must hold names and paths of files");

/** The keys of wrangler that decide how a function is built. */
export const bundlingEntries = {
  define: v.optional(texts),
  alias: v.optional(texts),
  tsconfig: v.optional(path),
  jsx_factory: v.optional(text),
  jsx_fragment: v.optional(text),
  keep_names: v.optional(flag),
  minify: v.optional(flag),
  no_bundle: v.optional(flag),
  find_additional_modules: v.optional(flag),
  preserve_file_names: v.optional(flag),
  base_dir: v.optional(path),
  text_blobs: v.optional(files),
  data_blobs: v.optional(files),
  wasm_modules: v.optional(files),
  build: v.optional(
    v.looseObject(
      {
        command: v.optional(text),
        cwd: v.optional(path),
        watch_dir: v.optional(v.union([path, v.array(path)], "must be a path or a list of paths")),
      },
      "must be an object",
    ),
  ),
};

type RawBundling = {
  readonly [Key in keyof typeof bundlingEntries]?: v.InferOutput<(typeof bundlingEntries)[Key]>;
};

/** A file that becomes a global of a function in service-worker syntax. */
export interface Blob {
  /** The name of the global. */
  readonly name: string;
  /** Absolute path of the file. */
  readonly path: string;
  readonly type: "Text" | "Data" | "CompiledWasm";
}

/** A command of the user that makes the entry module or its imports. */
export interface BuildCommand {
  readonly command: string;
  /** The folder in which it runs. */
  readonly folder: string;
  /** Files and folders whose changes start it again. */
  readonly watch: readonly string[];
}

/** How a function is built. All paths are absolute. */
export interface Bundling {
  /** Expressions that replace names in the code. */
  readonly define: Readonly<Record<string, string>>;
  /** Modules that replace imported ones. */
  readonly alias: Readonly<Record<string, string>>;
  readonly tsconfig: string | undefined;
  readonly jsxFactory: string;
  readonly jsxFragment: string;
  /** Whether functions and classes keep the value of `name` that they have in the source. */
  readonly keepNames: boolean;
  readonly minify: boolean;
  /** Whether the entry module runs as it is. */
  readonly noBundle: boolean;
  /** Whether files in the module root that match a rule become modules without being imported. */
  readonly findAdditionalModules: boolean;
  /** Whether imported text, data and wasm files keep their names. */
  readonly preserveFileNames: boolean;
  /** The folder that names of additional modules are relative to. @default the entry module's folder */
  readonly baseDir: string | undefined;
  readonly blobs: readonly Blob[];
  readonly build: BuildCommand | undefined;
}

/**
 * The settings for the build, with wrangler's defaults.
 *
 * @param root the folder that paths are relative to
 */
export function bundlingOf(raw: RawBundling, root: string): Bundling {
  const absolute = (relative: string | undefined) =>
    relative === undefined ? undefined : resolve(root, relative);
  const noBundle = raw.no_bundle ?? false;
  return {
    define: raw.define ?? {},
    alias: raw.alias ?? {},
    tsconfig: absolute(raw.tsconfig),
    jsxFactory: raw.jsx_factory ?? "React.createElement",
    jsxFragment: raw.jsx_fragment ?? "React.Fragment",
    keepNames: raw.keep_names ?? true,
    minify: raw.minify ?? false,
    noBundle,
    findAdditionalModules: raw.find_additional_modules ?? noBundle,
    preserveFileNames: raw.preserve_file_names ?? false,
    baseDir: absolute(raw.base_dir),
    blobs: [
      ...blobs(raw.text_blobs, "Text", root),
      ...blobs(raw.data_blobs, "Data", root),
      ...blobs(raw.wasm_modules, "CompiledWasm", root),
    ],
    build: buildCommand(raw.build, root),
  };
}

/** The folder that names of additional modules are relative to. */
export function moduleRoot({
  main,
  bundling,
}: {
  readonly main: string;
  readonly bundling: Bundling;
}): string {
  return bundling.baseDir ?? dirname(main);
}

function blobs(named: Readonly<Record<string, string>> = {}, type: Blob["type"], root: string): Blob[] {
  return Object.entries(named).map(([name, file]) => ({ name, path: resolve(root, file), type }));
}

function buildCommand(raw: RawBundling["build"], root: string): BuildCommand | undefined {
  if (raw?.command === undefined || raw.command.trim() === "") return undefined;
  const { command, cwd = ".", watch_dir = "./src" } = raw;
  return {
    command: command.trim(),
    folder: resolve(root, cwd),
    watch: [watch_dir].flat().map((path) => resolve(root, path)),
  };
}
