import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { FunctionError } from "../../../failure/function-error.js";
import { packageFile } from "../../../package/package-files.js";
import { CONTROL_FD, SOCKET_FD } from "../function-process.js";
import type { ProcessDialect } from "../process-dialect.js";
import { compilerProblems, type GoProblem, goDiagnostic } from "./go-diagnostics.js";
import { type BuildPlan, GoToolchain, runCommand } from "./toolchain.js";

/** `npm run build` copies sdks/go to this folder. */
const MODULE = packageFile("dist/sdks/go");

/** Makes the file names of programs unique, because the previous version may still run. */
let builds = 0;

/**
 * `func handler(w http.ResponseWriter, r *http.Request)`, compiled with the module's helpers and its server.
 */
export const goDialect: ProcessDialect = {
  language: "Go",
  // Go's log package prints everything to stderr.
  stderrLevel: "info",
  usesOneCore: false,
  async prepare({ config, cacheDirectory, signal }) {
    const { main, root } = config;
    const go = new GoToolchain(signal);
    const generator = await generatorOf(go, join(cacheDirectory, "go"));
    const folder = join(cacheDirectory, "go", digest(main));
    const { files, errors, build } = await generate(generator, { folder, main, signal });
    const watched = files.length === 0 ? [main] : files;
    if (build === null) return { ok: false, errors: (errors ?? []).map(goDiagnostic), files: watched };
    const program = join(folder, `program-${process.pid}-${++builds}`);
    const built = await go.buildWith(build, { module: MODULE, output: program });
    if (!built.ok) {
      const problems = compilerProblems({ text: built.stderr, folder: build.folder, main });
      return { ok: false, errors: problems.map(goDiagnostic), files: watched };
    }
    return {
      ok: true,
      files: watched,
      launch: {
        command: program,
        args: [],
        folder: root,
        environment: { KVASIR_LISTEN_FD: String(SOCKET_FD), KVASIR_CONTROL_FD: String(CONTROL_FD) },
      },
      dispose: () => rm(program, { force: true }),
    };
  },
};

/** The output of `kvasir-function` (sdks/go/cmd). */
interface Generated {
  readonly files: readonly string[];
  readonly errors: readonly GoProblem[] | null;
  /** `null` if there are errors. */
  readonly build: BuildPlan | null;
}

async function generate(
  generator: string,
  { folder, main, signal }: { readonly folder: string; readonly main: string; readonly signal: AbortSignal },
): Promise<Generated> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { ok, stdout, stderr } = await runCommand(generator, ["-out", folder, main], {
    folder,
    signal,
  });
  if (!ok) throw new FunctionError(`${main} cannot be made a program: ${stderr.trim()}`);
  return JSON.parse(stdout) as Generated;
}

/** Returns the generator, built on first use for this toolchain and this version of the generator. */
async function generatorOf(go: GoToolchain, cache: string): Promise<string> {
  const [version, sources] = await Promise.all([go.version(), sourcesDigest()]);
  const path = join(cache, `kvasir-function-${digest(`${version} ${sources}`)}`);
  if (existsSync(path)) return path;
  await mkdir(cache, { recursive: true, mode: 0o700 });
  // Rename only the complete file: another Kvasir process may look for it at the same time.
  const unfinished = `${path}.${process.pid}-${++builds}`;
  const { ok, stderr } = await go.build(MODULE, unfinished, "./cmd/kvasir-function");
  if (!ok) {
    throw new FunctionError(`Kvasir's Go module does not compile with ${version}: ${stderr.trim()}`, {
      hint: "Go 1.21 or newer is needed.",
    });
  }
  await rename(unfinished, path);
  return path;
}

async function sourcesDigest(): Promise<string> {
  const folder = join(MODULE, "cmd", "kvasir-function");
  const names = (await readdir(folder)).sort();
  return digest((await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")))).join("\0"));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
