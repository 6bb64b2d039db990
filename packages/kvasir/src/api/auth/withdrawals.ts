import { KvError } from "@kvasir/client/namespace";
import type { ApiExchange } from "../api-exchange.js";
import type { Authority } from "./authority.js";

/** What has requests under way. */
interface RequestsUnderWay {
  readonly underWay: Iterable<ApiExchange>;
  withdraw(exchange: ApiExchange, error: KvError): void;
}

export interface WithdrawalsOptions {
  readonly requests: RequestsUnderWay;
  readonly authority: Authority;
  /** How often it looks. */
  readonly intervalMs: number;
  /** What it could not expect. */
  failed(error: unknown): void;
}

/**
 * Ends requests under way when their tokens expire or are revoked, in whichever process: watches, long responses, bodies
 * that are still arriving. A request whose body has arrived goes on to its response: it waits for nobody but us.
 *
 * It looks now and then, once for each token and not for each request, so a thousand watches of one token cost one read.
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
      // Also where the table cannot be read: nobody then knows that the token still holds.
      if (!(error instanceof KvError)) throw error;
      for (const exchange of exchanges) this.#options.requests.withdraw(exchange, error);
    }
  }
}
