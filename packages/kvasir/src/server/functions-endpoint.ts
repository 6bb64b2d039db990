import { randomBytes, timingSafeEqual } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KvError } from "@kvasir/client/namespace";
import type { Dispatcher } from "../api/dispatcher.js";
import { CACHE_HEADER_BYTES_MAX, type HttpLimits } from "../http/limits.js";
import { Listener } from "../http/listener/listener.js";
import type { RequestHead } from "../http/request.js";
import type { FunctionsEndpoint } from "../wire/functions-wire.js";
import { SECRET_HEADER } from "../wire/names.js";
import { removeAbandonedSockets, SOCKET_FOLDER_PREFIX } from "./abandoned-sockets.js";

/** The longest path of a unix socket that every system accepts, in bytes. */
const SOCKET_PATH_BYTES_MAX = 100;
const CACHE_SOCKET = "cache.sock";

/** Accepts only requests with the secret of this start. Needed if any local user could connect. */
export class SecretCheck {
  readonly secret: string | null;
  readonly #expected: Buffer;

  constructor(secret: string | null) {
    this.secret = secret;
    this.#expected = Buffer.from(secret ?? "");
  }

  /** @throws KvError `unauthorized` */
  check({ headers }: RequestHead): void {
    if (this.secret === null) return;
    const sent = Buffer.from(String(headers[SECRET_HEADER] ?? ""));
    if (sent.byteLength !== this.#expected.byteLength || !timingSafeEqual(sent, this.#expected)) {
      throw new KvError("unauthorized", "Only Kvasir's own functions may connect here");
    }
  }
}

export interface OpenFunctionsEndpoint extends FunctionsEndpoint {
  readonly listeners: readonly Listener[];
  close(): Promise<void>;
}

/** What responds at the endpoint. Called once with the check of this start. */
export interface EndpointHandlers {
  /** Bindings, and Kvasir's own services. */
  functions(secret: SecretCheck): Dispatcher;
  /** The Cache API. It has an address of its own, because the paths of its requests are those of cached URLs. */
  cache(secret: SecretCheck): Dispatcher;
}

/**
 * Listens for workerd on unix sockets in a directory that only this user can enter. On Windows, or if the
 * path would be too long, listens on a loopback port and requires a secret. `exclusive` is for workers of
 * node:cluster, where the primary would otherwise accept the connections, and give all workers the same port
 * for 0.
 */
export async function listenForFunctions(
  handlers: EndpointHandlers,
  limits: HttpLimits,
): Promise<OpenFunctionsEndpoint> {
  const cacheLimits = { ...limits, headerBytesMax: CACHE_HEADER_BYTES_MAX };
  const directory = process.platform === "win32" ? null : await privateDirectory();
  if (directory === null) {
    const secret = new SecretCheck(randomBytes(32).toString("hex"));
    const address = { host: "127.0.0.1", port: 0, exclusive: true };
    const [functions, cache] = await Promise.all([
      Listener.listen(handlers.functions(secret), address, limits),
      Listener.listen(handlers.cache(secret), address, cacheLimits),
    ]);
    return {
      listeners: [functions, cache],
      address: `127.0.0.1:${functions.port}`,
      cacheAddress: `127.0.0.1:${cache.port}`,
      headers: { [SECRET_HEADER]: secret.secret as string },
      close: () => closeAll([functions, cache]),
    };
  }
  const [path, cachePath] = [join(directory, "kv.sock"), join(directory, CACHE_SOCKET)];
  const noSecret = new SecretCheck(null);
  const listeners = await Promise.all([
    Listener.listen(handlers.functions(noSecret), { path, exclusive: true }, limits),
    Listener.listen(handlers.cache(noSecret), { path: cachePath, exclusive: true }, cacheLimits),
  ]);
  await Promise.all([path, cachePath].map((each) => chmod(each, 0o600)));
  return {
    listeners,
    address: `unix:${path}`,
    cacheAddress: `unix:${cachePath}`,
    headers: {},
    async close() {
      await closeAll(listeners);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function closeAll(listeners: readonly Listener[]): Promise<void> {
  await Promise.all(listeners.map((listener) => listener.close()));
}

/** `mkdtemp` makes it with mode 0700, so other users cannot reach the socket in it, whatever its own mode. */
async function privateDirectory(): Promise<string | null> {
  const prefix = join(tmpdir(), SOCKET_FOLDER_PREFIX);
  if (Buffer.byteLength(prefix) + `XXXXXX/${CACHE_SOCKET}`.length > SOCKET_PATH_BYTES_MAX) return null;
  // Not awaited: what cannot be removed now can be removed at the next start.
  void removeAbandonedSockets().catch(() => {});
  return mkdtemp(prefix);
}
