import { Redis } from "ioredis";
import { clearTimeout, setTimeout } from "../../store/timers.js";
import { CONNECT_MS } from "./limits.js";

/** A command and its arguments. */
export type Command = readonly [name: string, ...args: (string | number | Buffer)[]];

/** What a node replies: integers, bytes, `null`, and lists of them. */
export type Reply = number | string | Buffer | null | readonly Reply[];

/** How every node of a cluster is reached. */
export interface Access {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: boolean;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** An error that a node replied with. */
export class Refusal extends Error {
  /** Its first word, such as `MOVED`. */
  readonly code: string;

  constructor(message: string) {
    super(message);
    this.code = /^[A-Z]+/.exec(message)?.[0] ?? "ERR";
  }
}

/** The connection ended before the reply came. The command may have been executed. */
export class Lost extends Error {}

/**
 * One connection to one node. Commands are sent in order and once: nothing is sent again, queued while there
 * is no connection, or redirected. After a loss the connection stays closed.
 */
export class NodeConnection {
  readonly #redis: Redis;
  /** Why it ended: the client itself only says that it has. */
  #reason: Error | undefined;

  private constructor(redis: Redis) {
    this.#redis = redis;
    redis.on("error", (error: Error) => {
      this.#reason ??= error;
    });
  }

  /** Rejects with a `Refusal` when the node refuses the user, otherwise with the reason. */
  static async open({ host, port }: Address, { username, password, tls }: Access): Promise<NodeConnection> {
    const redis = new Redis({
      host,
      port,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      // A certificate names a host, never an address.
      ...(tls && { tls: /^[\d.]+$|:/.test(host) ? {} : { servername: host } }),
      // Three settings that would send a command again or later.
      retryStrategy: () => null,
      autoResendUnfulfilledCommands: false,
      enableOfflineQueue: false,
      lazyConnect: true,
      enableReadyCheck: false,
      protocol: 2,
      connectionName: "kvasir",
      disableClientInfo: true,
      connectTimeout: CONNECT_MS,
      disconnectTimeout: 50,
    });
    let reason: unknown;
    redis.on("error", (error) => {
      reason ??= error;
    });
    // Covers the handshake, which a node that is stopped never finishes.
    const timer = setTimeout(() => {
      reason ??= new Error(`no reply within ${CONNECT_MS} ms`);
      redis.disconnect();
    }, CONNECT_MS);
    try {
      await redis.connect();
    } catch (error) {
      redis.disconnect();
      throw asError(reason ?? error);
    } finally {
      clearTimeout(timer);
    }
    return new NodeConnection(redis);
  }

  get isOpen(): boolean {
    return this.#redis.status === "ready";
  }

  /** Sends all of the commands at once. The result has a reply or an error for each. Never rejects. */
  async send(commands: readonly Command[]): Promise<readonly (Reply | Error)[]> {
    try {
      const pipeline = this.#redis.pipeline();
      for (const [name, ...args] of commands) pipeline.callBuffer(name, ...args);
      const results = (await pipeline.exec()) ?? [];
      return results.map(([error, reply]) => (error === null ? (reply as Reply) : this.#whyFailed(error)));
    } catch (error) {
      const lost = this.#whyFailed(error);
      return commands.map(() => lost);
    }
  }

  /** One command, within `ms`. */
  async ask(command: Command, ms: number): Promise<Reply> {
    const [reply = null] = await this.askAll([command], ms);
    return reply;
  }

  /** Several commands, within `ms`. Rejects with the first error of them. */
  async askAll(commands: readonly Command[], ms: number): Promise<readonly Reply[]> {
    const timer = setTimeout(() => this.close(), ms);
    try {
      return (await this.send(commands)).map((reply) => {
        if (reply instanceof Error) throw reply;
        return reply;
      });
    } finally {
      clearTimeout(timer);
    }
  }

  #whyFailed(error: unknown): Error {
    const seen = asError(error);
    return seen instanceof Lost && this.#reason !== undefined ? asError(this.#reason) : seen;
  }

  /** What is in flight ends as lost. */
  close(): void {
    this.#redis.disconnect();
  }
}

function asError(error: unknown): Error {
  if (!(error instanceof Error)) return new Lost(String(error));
  if (error.name === "ReplyError") return new Refusal(error.message);
  if (/^(Stream isn't writeable|Connection is closed)/.test(error.message)) {
    return new Lost("the connection was closed");
  }
  // The client's text has lines of OpenSSL.
  if (/wrong version number|packet length too long/.test(error.message))
    return new Lost("it does not speak TLS");
  return new Lost(error.message || error.name);
}
