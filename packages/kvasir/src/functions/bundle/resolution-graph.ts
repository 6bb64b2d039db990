import { isAbsolute, resolve } from "node:path";
import type { BuildOptions, Metafile, Plugin } from "esbuild";
import { esbuild } from "./esbuild.js";
import type { ImportRecord } from "./looked-for.js";
import { isPassedOn, passOn } from "./pass-on.js";

/** The files of a build and what they import. */
export interface Graph {
  /** Absolute paths. */
  readonly inputs: readonly string[];
  readonly imports: readonly ImportRecord[];
}

const RECORDER = "kvasir-resolution-recorder";

/** The graph of a build that succeeded. */
export function graphOf({ inputs }: Metafile, root: string): Graph {
  const files = Object.entries(inputs).filter(([path]) => !isVirtual(path));
  return {
    inputs: files.map(([path]) => resolve(root, path)),
    imports: files.flatMap(([importer, { imports }]) =>
      imports.flatMap(({ path, original, external }) =>
        external || original === undefined || isVirtual(path)
          ? []
          : [{ importer: resolve(root, importer), specifier: original, resolved: resolve(root, path) }],
      ),
    ),
  };
}

/**
 * The graph of a build that failed, as far as it goes. esbuild reports no graph then, so this builds again and
 * records each resolution.
 */
export async function recordGraph(options: BuildOptions): Promise<Graph> {
  const inputs = new Set<string>();
  const imports: ImportRecord[] = [];
  await esbuild()
    .build({ ...options, plugins: [recorder(inputs, imports), ...(options.plugins ?? [])] })
    .catch(() => undefined);
  return { inputs: [...inputs], imports };
}

function recorder(inputs: Set<string>, imports: ImportRecord[]): Plugin {
  return {
    name: RECORDER,
    setup(build) {
      build.onResolve({ filter: /.*/ }, async (request) => {
        if (isPassedOn(request, RECORDER) || request.kind === "entry-point") return undefined;
        const { path: specifier, importer } = request;
        const result = await passOn(build, request, RECORDER);
        const isFile = result.errors.length === 0 && result.namespace === "file" && !result.external;
        const resolved = isFile && isAbsolute(result.path) ? result.path : undefined;
        if (resolved !== undefined) inputs.add(resolved);
        if (isAbsolute(importer) && (isFile || result.errors.length > 0)) {
          imports.push({ importer, specifier, resolved });
        }
        return result.errors.length === 0 ? undefined : { path: specifier, external: true };
      });
    },
  };
}

/** The path of a virtual module starts with a namespace. */
function isVirtual(path: string): boolean {
  return /^\(disabled\):|^[\w-]{2,}:/.test(path);
}
