import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Requirement } from "../../harness/requirements.js";

/** A kibibyte at a time to the end: a file system is only full when not even that fits. */
const BALLAST_STEPS = [1 << 20, 1 << 16, 1 << 12];

/** A file system of its own, which a test may have on Linux: as root, or with user namespaces for everybody. */
export const aDiskOfItsOwn: Requirement = {
  name: "mount namespaces (`unshare -rm`)",
  met: process.platform === "linux" && spawnSync("unshare", ["-rm", "true"]).status === 0,
};

/**
 * A file system that only this test sees, over the directory `at`: mounted in a namespace that a process of ours
 * holds open, so that nothing needs unmounting and nothing of it can outlive the test.
 */
export class Disk {
  /** How other processes enter: the words before their command. */
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

  /** A disk of so many mebibytes, empty. */
  static small(at: string, mebibytes: number): Promise<Disk> {
    return Disk.#mount(at, `mount -t tmpfs -o size=${mebibytes}m kvasir "$1"`);
  }

  /** What is at `at`, and cannot be written; not even by root, whom permissions do not stop. */
  static readOnly(at: string): Promise<Disk> {
    return Disk.#mount(at, 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"');
  }

  static async #mount(at: string, mount: string): Promise<Disk> {
    const holder = spawn("unshare", ["-rm", "sh", "-c", `${mount} && echo mounted && exec cat`, "sh", at], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const [said] = (await once(holder.stdout, "data")) as [Buffer];
    if (said.toString() !== "mounted\n" || holder.pid === undefined) throw new Error("The mount failed.");
    // `cat` ends with its input, also when this process dies.
    return new Disk(holder.pid, at, () => holder.stdin.end());
  }

  /** The path by which processes outside, this one for example, reach a file of the disk. */
  outside(path = ""): string {
    return `/proc/${this.#pid}/root${this.#at}${path}`;
  }

  /** Takes all the space that is left. */
  fill(): void {
    for (const step of BALLAST_STEPS) {
      try {
        for (;;) writeFileSync(this.outside("/ballast"), Buffer.alloc(step), { flag: "a" });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      }
    }
  }

  /** Gives back what {@link fill} took. */
  drain(): void {
    rmSync(this.outside("/ballast"), { force: true });
  }

  /** Whether something lies there now, for the text of a failure. */
  read(path: string): Buffer {
    return readFileSync(this.outside(path));
  }

  release(): void {
    this.#release();
  }
}
