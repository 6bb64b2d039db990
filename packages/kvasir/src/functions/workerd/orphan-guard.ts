import { type ChildProcess, spawn } from "node:child_process";

// Reads "+pid" and "-pid" lines. When Kvasir ends for any reason, the kernel closes the pipe, `read` fails,
// and the listed processes are killed. workerd has no such feature: it outlives its parent.
const SCRIPT = `
pids=" "
while read -r line; do
  pid="\${line#?}"
  case "$line" in
    +*) pids="$pids$pid " ;;
    -*) pids="\${pids%% $pid *} \${pids#* $pid }" ;;
  esac
done
for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
`;

/** Kills the workerd processes that a killed Kvasir (`kill -9`) leaves behind. Does nothing on Windows. */
export class OrphanGuard {
  readonly #pids = new Set<number>();
  #shell: ChildProcess | undefined;

  watch(pid: number): void {
    this.#pids.add(pid);
    this.#tell(`+${pid}`);
  }

  forget(pid: number): void {
    this.#pids.delete(pid);
    this.#tell(`-${pid}`);
  }

  /** Call it after all watched processes have ended. */
  close(): void {
    this.#shell?.stdin?.end();
  }

  #tell(line: string): void {
    if (process.platform === "win32") return;
    if (this.#shell === undefined) this.#start();
    else this.#shell.stdin?.write(`${line}\n`);
  }

  /** If the shell has ended or cannot be started, the next line starts another one. */
  #start(): void {
    const shell = startShell();
    const gone = () => {
      if (this.#shell === shell) this.#shell = undefined;
    };
    shell.once("error", gone);
    shell.once("exit", gone);
    for (const pid of this.#pids) shell.stdin?.write(`+${pid}\n`);
    this.#shell = shell;
  }
}

function startShell(): ChildProcess {
  // In a process group of its own: Ctrl-C must not end the guard before the processes that it guards.
  const shell = spawn("/bin/sh", ["-c", SCRIPT], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    // The script needs no environment, which other programs of this user could read.
    env: {},
  });
  shell.unref();
  // Without a shell there is no guard, but the functions run anyway.
  shell.on("error", () => undefined);
  shell.stdin?.on("error", () => undefined);
  (shell.stdin as { unref?(): void } | null)?.unref?.();
  return shell;
}
