import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { cleanEnvironment } from "../../harness/environment.js";
import type { Requirement } from "../../harness/requirements.js";

const NODE_USER = 1000;
/** What stands for the base image: this machine's programs, read-only. */
const PROGRAMS = ["/usr", "/etc/ssl", "/etc/alternatives"];
const LINKED = ["bin", "lib", "lib64", "sbin"];

export const EMPTY_ROOT: Requirement = {
  name: "root, unshare, chroot, ip and nsenter on Linux",
  met:
    process.platform === "linux" &&
    process.getuid?.() === 0 &&
    process.execPath.startsWith("/usr/") &&
    ["unshare", "chroot", "ip", "nsenter"].every((program) =>
      ["/usr/bin", "/usr/sbin", "/bin", "/sbin"].some((folder) => existsSync(join(folder, program))),
    ),
};

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** @default root */
  readonly user?: "node" | undefined;
}

/**
 * A root directory that holds nothing but the programs of this machine, as a container's does. It is made of mounts in
 * a namespace of their own, which end with the process that runs in it.
 */
export class EmptyRoot {
  readonly path = mkdtempSync(join(tmpdir(), "kvasir-root-"));

  constructor() {
    chmodSync(this.path, 0o755);
    for (const folder of ["proc", "dev", "tmp", "etc", "root", "npm", ...PROGRAMS]) {
      mkdirSync(join(this.path, folder), { recursive: true });
    }
    for (const name of LINKED) {
      if (existsSync(`/${name}`)) symlinkSync(`usr/${name}`, join(this.path, name));
    }
    this.write("etc/passwd", `root:x:0:0::/root:/bin/sh\nnode:x:${NODE_USER}:${NODE_USER}::/:/bin/sh\n`);
    this.write("etc/group", `root:x:0:\nnode:x:${NODE_USER}:\n`);
    this.write("etc/hosts", "127.0.0.1 localhost\n");
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.path, name), text);
  }

  /** Runs a build step to its end, with the network and with npm's cache and settings. */
  build(command: readonly string[], { cwd, env }: RunOptions): void {
    for (const file of ["/etc/resolv.conf", join(homedir(), ".npmrc")]) {
      if (existsSync(file))
        execFileSync("cp", ["-L", file, join(this.path, file.replace(homedir(), "/root"))]);
    }
    const cache = execFileSync("npm", ["config", "get", "cache"], { encoding: "utf8" }).trim();
    const mounts = existsSync(cache) ? [`mount --bind "${cache}" "${this.path}/npm"`] : [];
    const script = this.#script({ mounts, readOnly: false, cwd, user: undefined });
    execFileSync("unshare", ["--mount", "sh", "-ec", script, "sh", ...command], {
      stdio: "pipe",
      env: {
        ...insideEnvironment(env),
        HOME: "/root",
        npm_config_cache: "/npm",
        npm_config_prefer_offline: "true",
      },
    });
  }

  /**
   * Starts a program on a read-only root, without any network but its own loopback. Its process is the child itself.
   *
   * @param volumes folders of the root that it may write to
   */
  start(
    command: readonly string[],
    { cwd, env, user }: RunOptions,
    volumes: readonly string[],
  ): ChildProcess {
    const mounts = volumes.map((folder) => `mount --bind "${this.path}${folder}" "${this.path}${folder}"`);
    const script = this.#script({ mounts, readOnly: true, cwd, user });
    return spawn(
      "unshare",
      ["--mount", "--net", "sh", "-ec", `ip link set lo up\n${script}`, "sh", ...command],
      {
        stdio: ["ignore", "pipe", "pipe"],
        env: insideEnvironment(env),
      },
    );
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  #script(options: {
    readonly mounts: readonly string[];
    readonly readOnly: boolean;
    readonly cwd: string;
    readonly user: "node" | undefined;
  }): string {
    const root = this.path;
    const chroot = options.user === "node" ? `chroot --userspec=${NODE_USER}:${NODE_USER}` : "chroot";
    return [
      "mount --make-rprivate /",
      `mount --bind "${root}" "${root}"`,
      ...PROGRAMS.filter((folder) => existsSync(folder)).map(
        (folder) =>
          `mount --bind -o ro ${folder} "${root}${folder}" && mount -o remount,bind,ro "${root}${folder}"`,
      ),
      ...options.mounts,
      `mount --rbind /proc "${root}/proc"`,
      `mount --rbind /dev "${root}/dev"`,
      `mount -t tmpfs tmpfs "${root}/tmp"`,
      ...(options.readOnly ? [`mount -o remount,bind,ro "${root}"`] : []),
      `exec ${chroot} "${root}" sh -c 'cd "$0" && exec "$@"' "${options.cwd}" "$@"`,
    ].join("\n");
  }
}

/** Runs a command in the network of a running process. Throws with its output if it fails. */
export function inNetworkOf(pid: number, command: readonly string[]): string {
  return execFileSync("nsenter", ["--target", String(pid), "--net", "--", ...command], { encoding: "utf8" });
}

/** What a container has, and what npm needs to reach its registry. */
function insideEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const given = Object.entries(cleanEnvironment()).filter(([name]) =>
    /^(npm_config_|NODE_EXTRA_|SSL_CERT|https?_proxy$)/i.test(name),
  );
  return {
    ...Object.fromEntries(given),
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ...extra,
  };
}
