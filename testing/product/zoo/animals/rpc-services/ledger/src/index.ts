import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";

class Account extends RpcTarget {
  #balance = 0;
  #name: string;
  constructor(name: string) {
    super();
    this.#name = name;
  }
  get name() {
    return this.#name;
  }
  deposit(amount: number) {
    this.#balance += amount;
  }
  balance() {
    return this.#balance;
  }
}

export class Ledger extends WorkerEntrypoint<any> {
  async add(name: string, amount: number) {
    const sum = Number(await this.env.ACCOUNTS.get(name)) + amount;
    await this.env.ACCOUNTS.put(name, String(sum));
    return { name, sum };
  }
  async each(callback: (name: string) => Promise<void>) {
    const { keys } = await this.env.ACCOUNTS.list();
    for (const { name } of keys) await callback(name);
    return keys.length;
  }
  open(name: string) {
    return new Account(name);
  }
  fail() {
    throw new RangeError("too much");
  }
  types() {
    return { date: new Date(0), map: new Map([["a", 1]]), bytes: new Uint8Array([1]), set: new Set([1]) };
  }
  stream() {
    return new Blob(["streamed ", "text"]).stream();
  }
}

export default {
  async fetch(request: Request): Promise<Response> {
    return new Response(`${request.method} ${request.url} ${await request.text()}`, { status: 203 });
  },
};
