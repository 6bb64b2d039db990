import { KvError } from "@kvasir/client/namespace";
import type { ApiExchange } from "./api-exchange.js";
import type { Authority } from "./auth/authority.js";

/** The source of the requests in flight. */
interface RequestsUnderWay {
  readonly underWay: Iterable<ApiExchange>;
  withdraw(exchange: ApiExchange, error: KvError): void;
}

export interface WithdrawalsOptions {
  readonly requests: RequestsUnderWay;
  readonly authority: Authority;
  /** The interval of the checks. */
  readonly intervalMs: number;
  /** Called with an unexpected error. */
  failed(error: unknown): void;
}

/**
 * Ends requests in flight when their tokens expire or are revoked, in whichever process: watches, long
 * responses, and bodies that are still arriving. A request whose body has arrived continues, because it waits
 * only for the server.
 *
 * It checks periodically, once for each token and not for each request, so a thousand watches of one token
 * cost one read.
 */
export class Withdrawals {
  readonly #options: WithdrawalsOptions;
  readonly #timer: NodeJS.Timeout;

  constructor(options: WithdrawalsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      this.#look().catch((error: unknown) => options.failed(error));
    }, options.intervalMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const byToken = new Map<string, ApiExchange[]>();
    for (const exchange of this.#options.requests.underWay) {
      const { token } = exchange.matched.principal;
      if (token === undefined) continue;
      const known = byToken.get(token.hash);
      if (known === undefined) byToken.set(token.hash, [exchange]);
      else known.push(exchange);
    }
    for (const exchanges of byToken.values()) await this.#check(exchanges);
  }

  async #check(exchanges: readonly ApiExchange[]): Promise<void> {
    try {
      await this.#options.authority.recheck((exchanges[0] as ApiExchange).matched.principal);
    } catch (error) {
      // Also if the table cannot be read, because the token may then have been revoked.
      if (!(error instanceof KvError)) throw error;
      for (const exchange of exchanges) this.#options.requests.withdraw(exchange, error);
    }
  }
}
