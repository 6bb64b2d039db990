import { type ChildProcess, spawn } from "node:child_process";

// Reads "+pid" and "-pid" lines. When this process is gone, however it went, the kernel closes the pipe, `read`
// fails and what is still on the list is killed. workerd itself offers nothing for that: it outlives its parent.
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

/** Ends workerd processes that a killed Kvasir (`kill -9`) leaves behind. Does nothing on Windows. */
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

  /** Everything watched should have ended before. */
  close(): void {
    this.#shell?.stdin?.end();
  }

  #tell(line: string): void {
    if (process.platform === "win32") return;
    if (this.#shell === undefined) this.#start();
    else this.#shell.stdin?.write(`${line}\n`);
  }

  /** The next line starts another shell when this one has ended or could not be started. */
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
  // A process group of its own: Ctrl-C must not end the guard before what it guards.
  const shell = spawn("/bin/sh", ["-c", SCRIPT], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    // It needs nothing of the environment, which other programs of this user can read.
    env: {},
  });
  shell.unref();
  // Without a shell there is no guard; the functions run all the same.
  shell.on("error", () => undefined);
  shell.stdin?.on("error", () => undefined);
  (shell.stdin as { unref?(): void } | null)?.unref?.();
  return shell;
}
