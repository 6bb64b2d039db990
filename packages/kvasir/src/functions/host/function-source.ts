import type { EventSink } from "../../events/events.js";
import { type BuildFiles, type BundleResult, Bundler } from "../bundle/bundler.js";
import type { Diagnostic } from "../bundle/diagnostic.js";
import { type RunnableConfig, type RunSettings, readRunnableConfig } from "../config/runnable-config.js";
import { BuildCommandRunner } from "./build-command.js";
import { FunctionVersion } from "./function-version.js";
import { newWarnings } from "./new-warnings.js";
import type { BuildOutcome, RunnableSource } from "./runnable-source.js";
import { readStaticFiles, type StaticFiles } from "./static-files.js";

/** File systems take timestamps from a clock that is late by up to one tick, in milliseconds. */
const FILE_TIME_LAG_MS = 20;

export interface FunctionSourceOptions extends RunSettings {
  readonly onEvent: EventSink;
}

/** A JavaScript or TypeScript function on disk. */
export class FunctionSource implements RunnableSource {
  readonly hasProcess = false;
  readonly #path: string;
  readonly #options: FunctionSourceOptions;
  #config: RunnableConfig;
  #bundler: Bundler;
  #command: BuildCommandRunner;
  #watched: BuildFiles | undefined;
  #readMs = 0;
  #version: FunctionVersion;
  /** The version that workerd last started with. */
  #started: FunctionVersion | undefined;

  constructor(path: string, config: RunnableConfig, options: FunctionSourceOptions) {
    this.#path = path;
    this.#options = options;
    this.#readMs = Date.now() - FILE_TIME_LAG_MS;
    this.#config = config;
    this.#bundler = new Bundler({ config: this.#config, mode: options.mode });
    this.#command = new BuildCommandRunner(this.#config, options);
    this.#version = new FunctionVersion(this.#config, "This function has not been built.");
  }

  /** The settings of the last read config. */
  get config(): RunnableConfig {
    return this.#config;
  }

  /**
   * The newest version that was built. Before the first build it is a version that reports why there is none.
   */
  get version(): FunctionVersion {
    return this.#version;
  }

  /** Whether the newest version differs from the one that workerd started with. */
  get hasNews(): boolean {
    return this.#version !== this.#started;
  }

  /** The earliest time at which the files were read, in milliseconds since the epoch. */
  get readMs(): number {
    return this.#readMs;
  }

  /** All files of the function, and those that it would have if they existed. */
  get files(): readonly string[] {
    return [...this.#config.watch, this.#config.main, ...this.#buildFiles.files];
  }

  /** Folders in which each file counts. */
  get trees(): readonly string[] {
    const { site } = this.#config;
    // The names of a site's files are a module of the Worker.
    return [...this.#buildFiles.trees, ...this.#command.trees, ...(site === undefined ? [] : [site.bucket])];
  }

  /** Reads changed settings again and bundles. */
  async build(changed?: ReadonlySet<string>): Promise<BuildOutcome> {
    // Before the first build the settings have just been read.
    if (changed !== undefined) this.#readMs = Date.now() - FILE_TIME_LAG_MS;
    const rereads = this.#isOfConfig(changed);
    const before = this.#config;
    if (rereads) await this.#readConfig();
    const config = this.#config;
    const problem = await this.#command.run(rereads ? undefined : changed);
    const failed = {
      ok: false as const,
      errors: [{ message: problem ?? "", frame: undefined, file: undefined }],
    };
    const [result, files] = await Promise.all([
      problem === undefined ? this.#bundler.build() : failed,
      readStaticFiles(config, this.#options.mode),
    ]);
    this.#watched = undefined;
    const warnings = [...newWarnings(config, before), ...(result.ok ? result.warnings : [])];
    return { errors: this.#take(result, files), warnings };
  }

  /** Makes the result of a build the newest version. Returns why it cannot be one. */
  #take(result: BundleResult, files: StaticFiles): readonly Diagnostic[] {
    const config = this.#config;
    const unexported = result.ok ? unexportedClasses(config, result.exports) : undefined;
    if (unexported !== undefined) {
      if (this.#started === undefined) this.markBroken(unexported.message);
      return [unexported];
    }
    if (result.ok) {
      const version = new FunctionVersion(config, result, files);
      this.#version = this.#started?.equals(version) ? this.#started : version;
      return [];
    }
    if (this.#started === undefined) this.markBroken(result.errors.map(diagnosticText).join("\n\n"));
    return result.errors;
  }

  /** An edit of the config ends a build command that does not end by itself. */
  interrupt(changed: ReadonlySet<string>): void {
    if (this.#isOfConfig(changed)) this.#command.interrupt();
  }

  /** Makes every response report the reason. */
  markBroken(reason: string): void {
    this.#version = new FunctionVersion(this.#config, reason);
  }

  /** Call it when the version runs. */
  confirm(): void {
    this.#started = this.#version;
  }

  /** Call it when the version does not run. The previous version stays. */
  revert(): void {
    if (this.#started !== undefined) this.#version = this.#started;
  }

  /** Ends a build command in progress. */
  giveUp(): void {
    this.#command.interrupt();
  }

  close(): Promise<void> {
    this.#command.interrupt();
    return this.#bundler.close();
  }

  /** Computed when it is needed: a reload must not wait for it. */
  get #buildFiles(): BuildFiles {
    this.#watched ??= this.#bundler.watched();
    return this.#watched;
  }

  #isOfConfig(changed: ReadonlySet<string> | undefined): boolean {
    return this.#config.watch.some((path) => changed?.has(path));
  }

  async #readConfig(): Promise<void> {
    this.#config = readRunnableConfig(this.#path, this.#options);
    const before = this.#bundler;
    this.#bundler = new Bundler({ config: this.#config, mode: this.#options.mode });
    this.#command = new BuildCommandRunner(this.#config, this.#options);
    await before.close();
  }
}

/** workerd would refuse the Worker in its own words. */
function unexportedClasses(
  { main, durableObjects }: RunnableConfig,
  exports: readonly string[],
): Diagnostic | undefined {
  const missing = (durableObjects?.bindings ?? []).filter(
    ({ className, scriptName }) => scriptName === undefined && !exports.includes(className),
  );
  if (missing.length === 0) return undefined;
  const names = [...new Set(missing.map(({ className }) => className))].join(", ");
  const message = `${main} does not export the Durable Object class ${names}, to which its config binds. Write "export" before the class, or remove the binding.`;
  return { message, frame: undefined, file: main };
}

function diagnosticText({ message, frame }: Diagnostic): string {
  return frame === undefined ? message : `${message}\n${frame}`;
}
