import { type KVOptionsWithoutSchema, kv, type TypedKV } from "@kvasir/client";
import type { KVBinding } from "@kvasir/client/typed";
import type { FakeClock } from "@kvasir/store";
import type { User } from "./users.js";

/** What each test of the suite begins with: an empty namespace, and a typed client of its users. */
export class TypedCaseContext {
  readonly clock: FakeClock;
  // `begin()` sets both before each test.
  binding!: KVBinding;
  users!: TypedKV<User>;

  constructor(clock: FakeClock) {
    this.clock = clock;
  }

  begin(binding: KVBinding): void {
    this.binding = binding;
    this.users = this.usersWith({});
  }

  get raw(): TypedKV<User>["raw"] {
    return this.users.raw;
  }

  usersWith(options: KVOptionsWithoutSchema<User>): TypedKV<User> {
    return kv<User>(this.binding, { prefix: "user:", ...options });
  }

  nowSeconds(): number {
    return Math.floor(this.clock.nowMs() / 1000);
  }
}
