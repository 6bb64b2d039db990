import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Requirement } from "../../harness/requirements.js";

/** Down to small steps, because a file system is only full when not even a small block fits. */
const BALLAST_STEPS = [1 << 20, 1 << 16, 1 << 12];

/**
 * A file system of its own. On Linux a test may have one as root, or if all users may create user namespaces.
 */
export const aDiskOfItsOwn: Requirement = {
  name: "mount namespaces (`unshare -rm`)",
  met: process.platform === "linux" && spawnSync("unshare", ["-rm", "true"]).status === 0,
};

/**
 * A file system that only this test sees, mounted over the directory `at`. It is mounted in a namespace that
 * one of our processes holds open, so it needs no unmounting and cannot outlive the test.
 */
export class Disk {
  /** The words to put before a command so that its process enters the namespace. */
  readonly through: readonly string[];
  readonly #pid: number;
  readonly #at: string;
  readonly #release: () => void;

  private constructor(pid: number, at: string, release: () => void) {
    this.#pid = pid;
    this.#at = at;
    this.#release = release;
    this.through = ["nsenter", "-t", String(pid), "-U", "-m", "--preserve-credentials"];
  }

  /** An empty disk of `mebibytes` MiB. */
  static small(at: string, mebibytes: number): Promise<Disk> {
    return Disk.#mount(at, `mount -t tmpfs -o size=${mebibytes}m kvasir "$1"`);
  }

  /** The directory `at`, but read-only, even for root, whom permissions do not stop. */
  static readOnly(at: string): Promise<Disk> {
    return Disk.#mount(at, 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"');
  }

  static async #mount(at: string, mount: string): Promise<Disk> {
    const holder = spawn("unshare", ["-rm", "sh", "-c", `${mount} && echo mounted && exec cat`, "sh", at], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const [said] = (await once(holder.stdout, "data")) as [Buffer];
    if (said.toString() !== "mounted\n" || holder.pid === undefined) throw new Error("The mount failed.");
    // `cat` ends with its input, and therefore also when this process dies.
    return new Disk(holder.pid, at, () => holder.stdin.end());
  }

  /** The path through which other processes, such as this one, reach a file on the disk. */
  outside(path = ""): string {
    return `/proc/${this.#pid}/root${this.#at}${path}`;
  }

  /** Uses up all space that is left. */
  fill(): void {
    for (const step of BALLAST_STEPS) {
      try {
        for (;;) writeFileSync(this.outside("/ballast"), Buffer.alloc(step), { flag: "a" });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      }
    }
  }

  /** Frees the space that {@link fill} used. */
  drain(): void {
    rmSync(this.outside("/ballast"), { force: true });
  }

  /** The contents of a file, for the text of a failure. */
  read(path: string): Buffer {
    return readFileSync(this.outside(path));
  }

  release(): void {
    this.#release();
  }
}
