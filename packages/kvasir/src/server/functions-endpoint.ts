import { randomBytes, timingSafeEqual } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KvError } from "@kvasir/client/namespace";
import type { Dispatcher } from "../api/dispatcher.js";
import type { HttpLimits } from "../http/limits.js";
import { Listener } from "../http/listener/listener.js";
import type { RequestHead } from "../http/request.js";
import type { FunctionsEndpoint } from "../wire/functions-wire.js";
import { SECRET_HEADER } from "../wire/names.js";
import { removeAbandonedSockets, SOCKET_FOLDER_PREFIX } from "./abandoned-sockets.js";

/** The longest path of a unix socket that every system accepts, in bytes. */
const SOCKET_PATH_BYTES_MAX = 100;

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
  readonly listener: Listener;
  close(): Promise<void>;
}

/**
 * Listens for workerd on a unix socket in a directory that only this user can enter. On Windows, or if the
 * path would be too long, listens on a loopback port and requires a secret. `exclusive` is for workers of
 * node:cluster, where the primary would otherwise accept the connections, and give all workers the same port
 * for 0.
 */
export async function listenForFunctions(
  dispatcher: (secret: SecretCheck) => Dispatcher,
  limits: HttpLimits,
): Promise<OpenFunctionsEndpoint> {
  const directory = process.platform === "win32" ? null : await privateDirectory();
  if (directory === null) {
    const secret = new SecretCheck(randomBytes(32).toString("hex"));
    const address = { host: "127.0.0.1", port: 0, exclusive: true };
    const listener = await Listener.listen(dispatcher(secret), address, limits);
    return {
      listener,
      address: `127.0.0.1:${listener.port}`,
      headers: { [SECRET_HEADER]: secret.secret as string },
      close: () => listener.close(),
    };
  }
  const path = join(directory, "kv.sock");
  const listener = await Listener.listen(
    dispatcher(new SecretCheck(null)),
    { path, exclusive: true },
    limits,
  );
  await chmod(path, 0o600);
  return {
    listener,
    address: `unix:${path}`,
    headers: {},
    async close() {
      await listener.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** `mkdtemp` makes it with mode 0700, so other users cannot reach the socket in it, whatever its own mode. */
async function privateDirectory(): Promise<string | null> {
  const prefix = join(tmpdir(), SOCKET_FOLDER_PREFIX);
  if (Buffer.byteLength(prefix) + "XXXXXX/kv.sock".length > SOCKET_PATH_BYTES_MAX) return null;
  // Not awaited: what cannot be removed now can be removed at the next start.
  void removeAbandonedSockets().catch(() => {});
  return mkdtemp(prefix);
}
