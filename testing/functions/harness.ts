import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Database, open } from "@kvasir/store";
import { startApiServer } from "../../packages/kvasir/src/api-server.ts";
import type { KvasirEvent } from "../../packages/kvasir/src/events.ts";
import {
  type RunningFunctions,
  type StartFunctionsOptions,
  startFunctions,
} from "../../packages/kvasir/src/functions/start-functions.ts";
import { failOnUnexpected } from "../unexpected.ts";

/** A folder of files that a test can edit. */
export class Project {
  readonly root = mkdtempSync(join(tmpdir(), "kvasir-functions-"));

  constructor(files: Record<string, string | Uint8Array> = {}) {
    this.write(files);
  }

  write(files: Record<string, string | Uint8Array>): void {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.root, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Events in order of arrival, and a way to wait for one. */
export class Events {
  readonly all: KvasirEvent[] = [];
  readonly #waiting = new Set<() => void>();
  #seen = 0;

  readonly sink = (event: KvasirEvent): void => {
    this.all.push(event);
    for (const look of this.#waiting) look();
  };

  /** The next event that contains the text and that no earlier call has returned or skipped. */
  async next<Name extends KvasirEvent["event"]>(
    name: Name,
    text: string | RegExp = "",
  ): Promise<Extract<KvasirEvent, { event: Name }>> {
    const pattern = typeof text === "string" ? { test: (json: string) => json.includes(text) } : text;
    return new Promise((resolve) => {
      const look = () => {
        for (let at = this.#seen; at < this.all.length; at++) {
          const event = this.all[at] as KvasirEvent;
          if (event.event !== name || !pattern.test(JSON.stringify(event))) continue;
          this.#seen = at + 1;
          this.#waiting.delete(look);
          resolve(event as Extract<KvasirEvent, { event: Name }>);
          return;
        }
      };
      this.#waiting.add(look);
      look();
    });
  }
}

export interface Running {
  readonly functions: RunningFunctions;
  readonly database: Database;
  /** The URL of the API. */
  readonly api: string;
  readonly events: Events;
  /** The body of a GET. */
  text(path?: string): Promise<string>;
  close(): Promise<void>;
}

/** Starts functions with a store and an API of their own. */
export async function run(
  paths: readonly string[],
  options: Partial<StartFunctionsOptions> = {},
): Promise<Running> {
  const events = new Events();
  const database = open(":memory:", { clock: options.clock });
  const api = await startApiServer({
    database,
    host: "127.0.0.1",
    port: 0,
    auth: { mode: "dev" },
    onEvent: failOnUnexpected,
  });
  const closeApi = async () => {
    await api.close();
    await database.close();
  };
  try {
    const functions = await startFunctions({
      paths,
      host: "127.0.0.1",
      port: 0,
      mode: "dev",
      endpoint: api.listenForFunctions(),
      async ensureNamespace(id, title, attributes) {
        await database.catalog.ensure(id, title, attributes);
      },
      onEvent: events.sink,
      ...options,
    });
    return {
      functions,
      database,
      api: api.url,
      events,
      // One connection per request, because the test is about which process responds, not about open
      // connections.
      text: async (path = "/") =>
        (await fetch(functions.url + path, { headers: { Connection: "close" } })).text(),
      async close() {
        await functions.close();
        await closeApi();
      },
    };
  } catch (error) {
    await closeApi();
    throw error;
  }
}
