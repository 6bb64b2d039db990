import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { relative, sep } from "node:path";
import { createInterface } from "node:readline";
import type { EventSink } from "../../events/events.js";
import type { BuildCommand } from "../config/bundling.js";
import type { RunnableConfig } from "../config/runnable-config.js";
import {
  BUILD_COMMAND_ECHOES_MAX,
  BUILD_COMMAND_MS_MAX,
  BUILD_COMMAND_NOTICE_AGAIN_MS,
  BUILD_COMMAND_NOTICE_MS,
} from "../limits.js";

export interface BuildCommandOptions {
  readonly mode: "dev" | "serve";
  readonly onEvent: EventSink;
}

/** When a command ran, in milliseconds since the epoch. */
interface Run {
  readonly startMs: number;
  readonly endMs: number;
}

/** File systems take timestamps from a clock that is late by up to one tick, in milliseconds. */
const FILE_TIME_LAG_MS = 20;

/** Runs the `build.command` of a config before each build that its files make necessary. */
export class BuildCommandRunner {
  readonly #config: RunnableConfig;
  readonly #build: BuildCommand | undefined;
  readonly #options: BuildCommandOptions;
  #child: ChildProcess | undefined;
  #interrupted = false;
  #last: Run | undefined;
  #failed = false;
  /** Digests of files in the watched folders that changed while the command ran. */
  readonly #outputs = new Map<string, string>();
  /** Runs in a row that were started by nothing else. */
  #echoes = 0;

  constructor(config: RunnableConfig, options: BuildCommandOptions) {
    this.#config = config;
    this.#build = config.bundling.build;
    this.#options = options;
  }

  /** The folders and files whose changes start the command again. */
  get trees(): readonly string[] {
    return this.#build?.watch ?? [];
  }

  /**
   * Runs the command if one of the changes concerns it.
   *
   * @param changed `undefined` runs it in any case
   * @returns one sentence if the entry module cannot be built because of it
   */
  async run(changed: ReadonlySet<string> | undefined): Promise<string | undefined> {
    const build = this.#build;
    if (build === undefined) return undefined;
    if (changed !== undefined && !this.#failed && !this.#isNeeded(changed)) return undefined;
    const problem = await this.#run(build);
    this.#failed = problem !== undefined;
    if (problem !== undefined) return problem;
    const { main } = this.#config;
    if (existsSync(main)) return undefined;
    this.#failed = true;
    return `The build command \`${build.command}\` ran, but did not make the entry module ${shown(main)}. Set main to the file that it makes.`;
  }

  /** Ends a command in progress. */
  interrupt(): void {
    if (this.#child === undefined) return;
    this.#interrupted = true;
    kill(this.#child);
  }

  /**
   * Files that the command writes into the folders that it is started by must not start it again without end. So a
   * file that changed while it ran counts only if its content is new, and only a few times in a row, because
   * some commands write something new each time.
   */
  #isNeeded(changed: ReadonlySet<string>): boolean {
    const relevant = [...changed].filter((path) => this.#isWatched(path));
    const written = relevant.filter((path) => this.#fellIntoLastRun(path));
    const fresh = written.filter((path) => this.#isNew(path));
    if (relevant.length > written.length) this.#echoes = 0;
    else if (fresh.length > 0) this.#echoes++;
    else return false;
    return this.#echoes <= BUILD_COMMAND_ECHOES_MAX;
  }

  #isNew(path: string): boolean {
    const before = this.#outputs.get(path);
    const digest = digestOf(path);
    this.#outputs.set(path, digest);
    return before !== digest;
  }

  #isWatched(path: string): boolean {
    return this.trees.some((tree) => path === tree || path.startsWith(tree + sep));
  }

  #fellIntoLastRun(path: string): boolean {
    const modifiedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (this.#last === undefined) return false;
    const { startMs, endMs } = this.#last;
    return modifiedMs === undefined || (modifiedMs >= startMs - FILE_TIME_LAG_MS && modifiedMs <= endMs);
  }

  async #run({ command, folder }: BuildCommand): Promise<string | undefined> {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
      return `build.cwd is ${shown(folder)}, which is not a folder.`;
    }
    this.#say(`running ${command}`);
    const startMs = Date.now();
    this.#interrupted = false;
    const child = spawn(command, {
      cwd: folder,
      shell: true,
      // A group of its own, so that the programs that the command starts end with it.
      detached: process.platform !== "win32",
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, WRANGLER_COMMAND: this.#options.mode === "dev" ? "dev" : "deploy" },
    });
    this.#child = child;
    const killAtExit = () => kill(child);
    process.once("exit", killAtExit);
    let notice = setTimeout(() => {
      this.#say(stillRuns(command), "warn");
      const again = () => this.#say(`\`${command}\` still runs, and the function waits for it.`, "warn");
      notice = setInterval(again, BUILD_COMMAND_NOTICE_AGAIN_MS);
    }, BUILD_COMMAND_NOTICE_MS);
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      kill(child);
    }, BUILD_COMMAND_MS_MAX);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => this.#say(line));
    }
    try {
      const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
      if (late)
        return `The build command \`${command}\` did not end within ${BUILD_COMMAND_MS_MAX / 1000} s.`;
      if (this.#interrupted) return `The build command \`${command}\` was ended before it was ready.`;
      if (code === 0) return undefined;
      return `The build command \`${command}\` failed with ${signal ?? `code ${code}`}. Its output above says why.`;
    } catch (error) {
      return `The build command \`${command}\` cannot be started: ${(error as Error).message}.`;
    } finally {
      clearTimeout(notice);
      clearTimeout(limit);
      process.off("exit", killAtExit);
      this.#child = undefined;
      this.#last = { startMs, endMs: Date.now() };
    }
  }

  #say(message: string, level: "info" | "warn" = "info"): void {
    this.#options.onEvent({
      event: "log",
      level,
      function: this.#config.name,
      message: `[build] ${message}`,
    });
  }
}

function stillRuns(command: string): string {
  return `\`${command}\` has not ended for ${BUILD_COMMAND_NOTICE_MS / 1000} s, and the function waits for it. A command that watches files never ends: use one that builds once. An edit of the config ends this one.`;
}

function digestOf(path: string): string {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("base64");
  } catch {
    return "absent";
  }
}

function kill({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

function shown(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith("..") ? path : fromHere;
}
