import { request } from "node:http";
import type { Surroundings } from "../connections/planned-request.js";
import { HEALTH_INTERVAL_MS, POLITE_MS_MAX } from "./limits.js";

/** A body that must be held while it is parsed, like those of the stalling attackers. */
const BULK_PAIRS = 20;
const BULK_VALUE = "b".repeat(5000);

export interface PoliteClientOptions {
  readonly port: number;
  readonly around: Surroundings;
  /** Processor time that the server has used, in milliseconds. */
  processorMs(): number;
}

/**
 * A well-behaved client that runs during attacks. It writes, reads and lists its own writes, and requests the
 * health all the time.
 */
export class PoliteClient {
  requests = 0;
  slowestMs = 0;
  slowestHealthMs = 0;
  /** The most processor time that the server's event loop used during one request for the health. */
  slowestHealthProcessorMs = 0;
  readonly failures: string[] = [];
  readonly #port: number;
  readonly #around: Surroundings;
  readonly #processorMs: () => number;
  readonly #kept = new Map<string, string>();
  #stopped = false;
  #done: Promise<unknown> = Promise.resolve();

  constructor({ port, around, processorMs }: PoliteClientOptions) {
    this.#port = port;
    this.#around = around;
    this.#processorMs = processorMs;
  }

  start(): void {
    this.#done = Promise.all([this.#work(), this.#watchHealth()]);
  }

  /** Stops, and checks that everything acknowledged is there. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
    for (const [key, value] of this.#kept)
      await this.#expect("GET", this.#path(key), { status: 200, body: value });
  }

  async #work(): Promise<void> {
    for (let turn = 0; !this.#stopped; turn++) {
      const key = `polite/${turn % 50}`;
      const value = `value ${turn} ${"v".repeat(turn % 300)}`;
      await this.#expect("PUT", this.#path(key), { status: 200, send: value });
      this.#kept.set(key, value);
      await this.#expect("GET", this.#path(key), { status: 200, body: value });
      if (turn % 5 === 0) await this.#bulk(turn);
    }
  }

  async #bulk(turn: number): Promise<void> {
    const pairs = Array.from({ length: BULK_PAIRS }, (_, at) => ({
      key: `polite/bulk/${at}`,
      value: `${turn} ${BULK_VALUE}`,
    }));
    await this.#expect("PUT", `${this.#around.cloudflare}/bulk`, {
      status: 200,
      send: JSON.stringify(pairs),
    });
    for (const { key, value } of pairs) this.#kept.set(key, value);
    await this.#expect("GET", `${this.#around.binding}/?count=true&prefix=polite%2Fbulk`, {
      status: 200,
      body: JSON.stringify({ count: BULK_PAIRS }),
    });
    await this.#expect("GET", `${this.#around.binding}/?values=true&prefix=polite%2Fbulk%2F1`, {
      status: 200,
    });
  }

  async #watchHealth(): Promise<void> {
    while (!this.#stopped) {
      const before = this.#processorMs();
      const ms = await this.#expect("GET", "/healthz", { status: 200 });
      this.slowestHealthProcessorMs = Math.max(this.slowestHealthProcessorMs, this.#processorMs() - before);
      this.slowestHealthMs = Math.max(this.slowestHealthMs, ms);
      await new Promise((resolve) => setTimeout(resolve, HEALTH_INTERVAL_MS));
    }
  }

  #path(key: string): string {
    return `${this.#around.binding}/${encodeURIComponent(key)}`;
  }

  async #expect(
    method: string,
    path: string,
    { status, body, send }: { readonly status: number; readonly body?: string; readonly send?: string },
  ): Promise<number> {
    const startedMs = performance.now();
    const seen = await this.#send(method, path, send).catch((error: Error) => ({
      status: 0,
      body: error.message,
    }));
    const ms = performance.now() - startedMs;
    this.requests++;
    this.slowestMs = Math.max(this.slowestMs, ms);
    if (seen.status !== status || (body !== undefined && seen.body !== body)) {
      this.failures.push(`${method} ${path}: ${seen.status} ${seen.body.slice(0, 200)}`);
    }
    return ms;
  }

  #send(method: string, path: string, body = ""): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      const { host, tokens } = this.#around;
      const sent = request(
        {
          host: "127.0.0.1",
          port: this.#port,
          method,
          path,
          // One connection per request, because the test also checks that new connections are accepted.
          agent: false,
          headers: {
            Host: host,
            Authorization: `Bearer ${tokens.write}`,
            "Content-Length": Buffer.byteLength(body),
          },
          timeout: POLITE_MS_MAX,
        },
        async (response) => {
          const parts: Buffer[] = [];
          for await (const part of response) parts.push(part as Buffer);
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() });
        },
      );
      sent.on("timeout", () => sent.destroy(new Error(`no response within ${POLITE_MS_MAX / 1000} s`)));
      sent.on("error", reject);
      sent.end(body);
    });
  }
}
