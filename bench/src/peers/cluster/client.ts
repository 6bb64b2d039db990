import { createRequire } from "node:module";
import type { ClusterContestant, ClusterOptions } from "./contestant.js";

/** The part of the client's interface that is used here. */
interface Client {
  call(...command: readonly (string | number)[]): Promise<unknown>;
  pipeline(commands: readonly (readonly (string | number)[])[]): { exec(): Promise<[unknown, unknown][]> };
  disconnect(): void;
}

interface ClientModule {
  readonly Redis: new (options: { port: number; protocol: 2; enableAutoPipelining?: boolean }) => Client;
}

// The very copy that Kvasir uses, so that both sides have the same client.
const { Redis } = createRequire(import.meta.resolve("@kvasir/store"))("ioredis") as ClientModule;

const SLOTS = 16_384;
const WAIT_MS = 4000;
/** A batch like that of Kvasir. */
const BATCH = 1024;
const INDEX = "index";
const STREAM = "changes";

interface Pending {
  readonly command: readonly (string | number)[];
  resolve(reply: unknown): void;
  reject(error: unknown): void;
}

/**
 * A careful user's code for the same promise without Kvasir: each value is a string, what gathers is one pipeline, and
 * one `WAIT` after it makes sure that the replica has it on disk. Nothing else is kept: no versions, no order of
 * keys, no expiry that lists respect, no changes.
 */
export async function openContestant({ ports }: ClusterOptions): Promise<ClusterContestant> {
  const nodes = ports.map((port) => new Node(port));
  const each = Math.ceil(SLOTS / nodes.length);
  const nodeOf = (key: string) => nodes[Math.floor(slotOf(key) / each)] as Node;
  const write = (key: string, ...command: (string | number)[]) => nodeOf(key).write(command);
  let stream: Client | undefined;
  return {
    get: (key) => nodeOf(key).reads.call("GET", key),
    put: (key, value) => write(key, "SET", key, value),
    putTogether: (keys, value) => Promise.all(keys.map((key) => write(key, "SET", key, value))),
    increment: (key) => write(key, "INCR", key),
    async listPage(start, limit) {
      const range = ["ZRANGEBYLEX", INDEX, `[${start}`, "+", "LIMIT", 0, limit] as const;
      return ((await nodeOf(INDEX).reads.call(...range)) as readonly unknown[]).length;
    },
    async index(keys) {
      for (let at = 0; at < keys.length; at += BATCH) {
        const members = keys.slice(at, at + BATCH).flatMap((key) => [0, key]);
        await write(INDEX, "ZADD", INDEX, ...members);
      }
    },
    async watch(onChange) {
      stream?.disconnect();
      stream = new Redis({ port: nodeOf(STREAM).port, protocol: 2 });
      const from = stream;
      // Not `$`: a change that is written before the first read would be missed.
      const begin = String(await write(STREAM, "XADD", STREAM, "*", "begin", ""));
      const follow = async () => {
        for (let last = begin; stream === from; ) {
          const read = await from.call("XREAD", "BLOCK", 0, "STREAMS", STREAM, last);
          const [[, rows]] = read as [[string, [string, [string, string]][]]];
          for (const [rowId, [, key]] of rows) {
            last = rowId;
            onChange(key);
          }
        }
      };
      follow().catch((error: unknown) => {
        // The end of the connection ends the watch.
        if (stream === from) throw error;
      });
    },
    async announce(key, value) {
      await write(key, "SET", key, value);
      await write(STREAM, "XADD", STREAM, "MAXLEN", "~", 4096, "*", "put", key);
    },
    async close() {
      const last = stream;
      stream = undefined;
      last?.disconnect();
      for (const node of nodes) node.close();
    },
  };
}

/** A primary. `WAIT` blocks its connection, so reads have another one. */
class Node {
  readonly port: number;
  readonly reads: Client;
  readonly #writes: Client;
  readonly #pending: Pending[] = [];
  #isWriting = false;

  constructor(port: number) {
    this.port = port;
    this.reads = new Redis({ port, protocol: 2, enableAutoPipelining: true });
    this.#writes = new Redis({ port, protocol: 2 });
  }

  write(command: readonly (string | number)[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ command, resolve, reject });
      if (!this.#isWriting) void this.#write();
    });
  }

  close(): void {
    this.reads.disconnect();
    this.#writes.disconnect();
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    // What is called in the same turn shares the batch.
    await null;
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0, BATCH);
      const commands = [...batch.map(({ command }) => command.map(lower)), ["wait", 1, WAIT_MS]];
      const replies = await this.#writes.pipeline(commands).exec();
      const [, confirmed] = replies.at(-1) ?? [];
      const lost = Number(confirmed) >= 1 ? null : new Error("A write was not confirmed.");
      for (const [at, { resolve, reject }] of batch.entries()) {
        const [error, reply] = replies[at] ?? [lost];
        if (error ?? lost) reject(error ?? lost);
        else resolve(reply);
      }
    }
    this.#isWriting = false;
  }
}

/** A pipeline takes the names of its methods. */
function lower(word: string | number, at: number): string | number {
  return at === 0 ? String(word).toLowerCase() : word;
}

const CRC = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0);
  return crc & 0xffff;
});

/** CRC-16/XMODEM, as https://valkey.io/topics/cluster-spec/ has it. The keys here are ASCII without braces. */
function slotOf(key: string): number {
  let crc = 0;
  for (let at = 0; at < key.length; at++) {
    crc = ((crc << 8) & 0xffff) ^ (CRC[((crc >> 8) ^ key.charCodeAt(at)) & 0xff] as number);
  }
  return crc % SLOTS;
}
