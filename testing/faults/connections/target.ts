import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type KvasirProcess, serve } from "../../harness/kvasir-process.js";
import type { RunningApi } from "../../harness/running-api.js";
import { HEALTH_MS_MAX, SERVER_HEAP_MIB } from "./limits.js";
import type { Surroundings } from "./planned-request.js";

const ACCOUNT = "0".repeat(32);

/** The server under test: a real `kvasir serve` with a small heap, and a data directory of its own. */
export class Target {
  readonly #directory: string;
  #process: KvasirProcess;
  #api: RunningApi;
  #namespace = "";
  #tokens: Surroundings["tokens"] = { write: "", read: "", foreign: "", wrong: "no-such-token" };

  private constructor(directory: string, process: KvasirProcess, api: RunningApi) {
    this.#directory = directory;
    this.#process = process;
    this.#api = api;
  }

  static async start(): Promise<Target> {
    const directory = mkdtempSync(join(tmpdir(), "kvasir-connections-"));
    const { process, api } = await launch(directory);
    const target = new Target(directory, process, api);
    await target.#prepare();
    return target;
  }

  get api(): RunningApi {
    return this.#api;
  }

  get port(): number {
    return Number(new URL(this.#api.url).port);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Whether it responds. When its connections end, its `exit` event may still be pending. */
  async isAlive(): Promise<boolean> {
    try {
      const { ok } = await fetch(`${this.#api.url}/healthz`, { signal: AbortSignal.timeout(HEALTH_MS_MAX) });
      return ok;
    } catch {
      await this.#process.kill();
      return false;
    }
  }

  /** The last part of the server's output. */
  get said(): string {
    return this.#process.said.slice(-3000);
  }

  /** The context for a connection whose keys begin with `prefix`. */
  surroundings(prefix: string): Surroundings {
    return {
      prefix,
      binding: `/binding/${this.#namespace}`,
      cloudflare: `/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces/${this.#namespace}`,
      host: `127.0.0.1:${this.port}`,
      tokens: this.#tokens,
    };
  }

  /** Restarts it on the same data if it has ended. */
  async revive(): Promise<void> {
    if (await this.isAlive()) return;
    const { process, api } = await launch(this.#directory);
    this.#process = process;
    this.#api = api;
  }

  /** @returns the exit code */
  async stop(): Promise<number | null> {
    const code = await this.#process.stop();
    rmSync(this.#directory, { recursive: true, force: true });
    return code;
  }

  async kill(): Promise<void> {
    await this.#process.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #prepare(): Promise<void> {
    this.#namespace = await this.#api.createNamespace("fuzzed");
    const other = await this.#api.createNamespace("other");
    const [write, read, foreign] = await Promise.all([
      this.#token("write", this.#namespace),
      this.#token("read", this.#namespace),
      this.#token("write", other),
    ]);
    this.#tokens = { ...this.#tokens, write, read, foreign };
  }

  async #token(scope: string, namespace: string): Promise<string> {
    const response = await this.#api.fetch("/kvasir/tokens", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: `fuzz ${scope}`, scope, namespaces: [namespace] }),
    });
    const { token } = (await response.json()) as { readonly token: string };
    return token;
  }
}

async function launch(directory: string) {
  const heap = `NODE_OPTIONS=--max-old-space-size=${SERVER_HEAP_MIB}`;
  const process = serve(directory, [], { through: ["env", heap] });
  return { process, api: await process.ready() };
}
