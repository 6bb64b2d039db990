import { type KVNamespace, KvError } from "@kvasir/client";
import { kv as typed } from "@kvasir/client/typed";
import type { Step } from "./vector.js";

// biome-ignore lint/suspicious/noExplicitAny: the arguments come from JSON
type Arguments = any;

/** What a step gives, in the form that the vectors have. `save` is what it saves. */
interface Outcome {
  readonly gives: unknown;
  readonly save?: unknown;
}

/** Performs one step with the TypeScript client. The clients for Python and Go have their own. */
export async function perform(namespace: KVNamespace, step: Step): Promise<Outcome> {
  const { do: operation, gives: _gives, fails: _fails, as: _as, ...args } = step;
  const run = OPERATIONS[operation];
  if (run === undefined) throw new Error(`There is no operation ${operation}`);
  const result = await run(namespace, args);
  const { version, cursor } = (result ?? {}) as { version?: number; cursor?: string };
  return { gives: result, save: version ?? cursor ?? result };
}

/** The code of an error. The runtime's errors about arguments have only a name. */
export function codeOf(error: unknown): string {
  return error instanceof KvError ? error.code : (error as Error).name;
}

const written = (result: unknown) => result ?? { ok: true };

const OPERATIONS: Readonly<Record<string, (kv: KVNamespace, args: Arguments) => Promise<unknown>>> = {
  get: (kv, { key, ...options }) => kv.get(key, options),
  async getBytes(kv, { key }) {
    const bytes = await kv.get(key, "arrayBuffer");
    return bytes && Buffer.from(bytes).toString("base64");
  },
  getJson: (kv, { key }) => kv.get(key, "json"),
  async getStream(kv, { key }) {
    const stream = await kv.get(key, "stream");
    return stream && (await new Response(stream).text());
  },
  getWithMetadata: (kv, { key, ...options }) => kv.getWithMetadata(key, options),
  getMany: async (kv, { keys, ...options }) =>
    keys.length === 0 ? {} : Object.fromEntries(await kv.get(keys as string[], options)),
  getManyWithMetadata: async (kv, { keys }) =>
    Object.fromEntries(await kv.getWithMetadata(keys as string[], "text")),
  put: async (kv, { key, value, ...options }) => written(await kv.put(key, value, options)),
  putStream: async (kv, { key, value, ...options }) =>
    written(await kv.put(key, new Response(value).body as ReadableStream, options)),
  putMany: (kv, { values, ...options }) =>
    typed<string>(kv, { serializer: "text" }).putMany(
      Object.entries(values).map(([key, value]) => ({ key, value: value as string })),
      options,
    ),
  delete: async (kv, { key, ...options }) => written(await kv.delete(key, options)),
  deleteMany: (kv, { keys }) => typed<string>(kv).deleteMany(keys),
  increment: (kv, { key, by, ...options }) => kv.increment(key, by, options),
  touch: (kv, { key, ...options }) => kv.touch(key, options),
  async list(kv, options) {
    const page = await kv.list(options);
    const cursor = page.list_complete ? undefined : page.cursor;
    return {
      names: page.keys.map(({ name }) => name),
      keys: page.keys.map((key) => ({ expiration: null, ...key })),
      complete: page.list_complete,
      cursor,
    };
  },
  async keys(kv, options) {
    const names = [];
    for await (const { name } of typed<string>(kv).list(options)) names.push(name);
    return names;
  },
  count: (kv, options) => kv.count(options),
  deletePrefix: (kv, { prefix, ...options }) => kv.deletePrefix(prefix, options),
  async atomic(kv, { checks = [], changes = [] }) {
    const atomic = kv.atomic();
    for (const { key, version } of checks) atomic.check(key, version);
    for (const { do: change, key, value, by, ...options } of changes) {
      if (change === "put") atomic.put(key, value, options);
      else if (change === "increment") atomic.increment(key, by, options);
      else atomic.delete(key);
    }
    return await atomic.commit();
  },
  position: (kv) => kv.position(),
  async watch(kv, { take, ...options }) {
    const changes = [];
    for await (const change of kv.watch(options)) {
      changes.push({ more: false, ...change });
      if (changes.length === take) break;
    }
    return changes;
  },
};
