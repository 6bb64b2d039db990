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
  #shell: ChildProcess | undefined;

  watch(pid: number): void {
    this.#tell(`+${pid}`);
  }

  forget(pid: number): void {
    this.#tell(`-${pid}`);
  }

  /** Everything watched should have ended before. */
  close(): void {
    this.#shell?.stdin?.end();
  }

  #tell(line: string): void {
    if (process.platform === "win32") return;
    this.#shell ??= startShell();
    this.#shell.stdin?.write(`${line}\n`);
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
