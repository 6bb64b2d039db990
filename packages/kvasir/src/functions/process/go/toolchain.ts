import { execFile } from "node:child_process";
import { FunctionError } from "../../../failure/function-error.js";
import { COMPILE_TIMEOUT_MS, COMPILER_OUTPUT_LENGTH_MAX } from "../limits.js";

export interface CommandResult {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to build a program. */
export interface BuildPlan {
  readonly folder: string;
  readonly flags: readonly string[];
  /** The go.mod to add Kvasir's module to. */
  readonly moduleFile: string;
  /** The path by which the program imports it. */
  readonly sdk: string;
  readonly cgo: boolean;
}

/** The environment variables that are passed on to the compiler. */
const KEPT =
  /^(PATH|HOME|TMPDIR|TMP|TEMP|XDG_CACHE_HOME|GOROOT|GOPATH|GOCACHE|GOMODCACHE|GOENV|GOTMPDIR|CC|CGO_ENABLED)$/;

/** Linking is faster without symbol tables, and stacks still have line numbers. */
const LINK_FLAGS = "-ldflags=-s -w";
const WITHOUT_CGO: NodeJS.ProcessEnv = { CGO_ENABLED: "0" };

/** The Go toolchain of this machine. It never uses the network. */
export class GoToolchain {
  readonly #command: string;
  readonly #signal: AbortSignal;

  /** @param signal ends the commands that are running */
  constructor(signal: AbortSignal, environment: NodeJS.ProcessEnv = process.env) {
    this.#signal = signal;
    this.#command = environment["KVASIR_GO"] || "go";
  }

  /**
   * For example `go1.24.1`.
   *
   * @throws FunctionError if Go is not installed
   */
  async version(): Promise<string> {
    const { ok, stdout } = await this.run(["env", "GOVERSION"], process.cwd());
    if (ok) return stdout.trim();
    throw new FunctionError("This is a Go function, and there is no go on the PATH.", {
      hint: "Install Go 1.21 or newer, or set KVASIR_GO to the path of its go command.",
    });
  }

  build(folder: string, output: string, target: string): Promise<CommandResult> {
    return this.run(["build", LINK_FLAGS, "-o", output, target], folder);
  }

  /** Builds a function's program with Kvasir's module, whose folder is given. */
  async buildWith(
    { folder, flags, moduleFile, sdk, cgo }: BuildPlan,
    { module, output }: { readonly module: string; readonly output: string },
  ): Promise<CommandResult> {
    // The user's own requirement, if there is one, may name a version that this function does not run with.
    const edits = [`-dropreplace=${sdk}`, `-require=${sdk}@v0.0.0`, `-replace=${sdk}=${module}`];
    const edited = await this.run(["mod", "edit", ...edits, moduleFile], folder);
    if (!edited.ok) return edited;
    const args = ["build", ...flags, LINK_FLAGS, "-o", output, "."];
    return this.run(args, folder, cgo ? {} : WITHOUT_CGO);
  }

  run(args: readonly string[], folder: string, environment = WITHOUT_CGO): Promise<CommandResult> {
    return runCommand(this.#command, args, { folder, signal: this.#signal, environment });
  }
}

export interface CommandOptions {
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Used where the user has not set the variable. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** Runs a command to its end. The result is not ok either if the command cannot be started. */
export function runCommand(
  command: string,
  args: readonly string[],
  { folder, signal, environment = {} }: CommandOptions,
): Promise<CommandResult> {
  const options = {
    cwd: folder,
    signal,
    env: { ...environment, ...compilerEnvironment() },
    timeout: COMPILE_TIMEOUT_MS,
    maxBuffer: COMPILER_OUTPUT_LENGTH_MAX,
  };
  return new Promise((resolve) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      resolve({
        ok: error === null,
        stdout,
        stderr: stderr === "" && error !== null ? error.message : stderr,
      });
    });
  });
}

function compilerEnvironment(): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => KEPT.test(name))),
    GOFLAGS: "-mod=mod",
    GOPROXY: "off",
    GOTOOLCHAIN: "local",
    GOWORK: "off",
  };
}
