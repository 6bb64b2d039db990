import type { Comparable } from "./comparable.js";

interface Difference {
  readonly animal: string;
  /** Which requests. @default all */
  readonly request?: RegExp;
  readonly part: "status" | "body" | `header ${string}`;
  readonly reason: string;
}

/** Where `kvasir dev` differs from `wrangler dev` on purpose. All else must be equal. */
export const BY_DESIGN: readonly Difference[] = [];

/** Hides what differs by design, in the exchanges of both servers. */
export function withoutDesigned(animal: string, exchange: Comparable): Comparable {
  const mine = BY_DESIGN.filter(
    ({ animal: name, request = /^/ }) => name === animal && request.test(exchange.request),
  );
  return mine.reduce((hidden, { part }) => {
    if (part === "status" || part === "body") return { ...hidden, [part]: "differs by design" };
    return { ...hidden, headers: { ...Object(hidden.headers), [part.slice("header ".length)]: "by design" } };
  }, exchange);
}
