import { execFile } from "node:child_process";
import { FunctionError } from "../../../failure/function-error.js";
import { COMPILE_TIMEOUT_MS, COMPILER_OUTPUT_LENGTH_MAX } from "../limits.js";

export interface CommandResult {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment variables that are passed on to the compiler. */
const KEPT =
  /^(PATH|HOME|TMPDIR|TMP|TEMP|XDG_CACHE_HOME|GOROOT|GOPATH|GOCACHE|GOMODCACHE|GOENV|GOTMPDIR|CC|CGO_ENABLED)$/;

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
    // Linking is faster without symbol tables, and stacks still have line numbers.
    return this.run(["build", "-ldflags=-s -w", "-o", output, target], folder);
  }

  run(args: readonly string[], folder: string): Promise<CommandResult> {
    return runCommand(this.#command, args, { folder, signal: this.#signal });
  }
}

/** Runs a command to its end. The result is not ok either if the command cannot be started. */
export function runCommand(
  command: string,
  args: readonly string[],
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<CommandResult> {
  const options = {
    cwd: folder,
    signal,
    env: compilerEnvironment(),
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
    CGO_ENABLED: "0",
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => KEPT.test(name))),
    GOFLAGS: "-mod=mod",
    GOPROXY: "off",
    GOTOOLCHAIN: "local",
    GOWORK: "off",
  };
}
