import type { Comparable } from "./comparable.js";

interface Difference {
  readonly animal: string;
  /** Which requests. @default all */
  readonly request?: RegExp;
  readonly part: "status" | "body" | `header ${string}`;
  readonly reason: string;
}

/** Where `kvasir dev` differs from `wrangler dev` on purpose. All else must be equal. */
export const BY_DESIGN: readonly Difference[] = [
  ...(["status", "body", "header content-type"] as const).map((part) => ({
    animal: "queue-producer",
    request: /^GET \/search$/,
    part,
    reason: "Kvasir has no D1: the call fails with one sentence",
  })),
  {
    animal: "throwing",
    request: /^(GET \/(throw|string|nothing|wrong)|POST \/used)$/,
    part: "body",
    reason:
      "Kvasir shows stacks with paths relative to the project, and says what is missing in its own words",
  },
  {
    animal: "request-facts",
    request: /^GET \/$/,
    part: "body",
    reason:
      "no proxy in front of workerd changes Accept-Encoding and Connection, and a client cannot set its own CF-Connecting-IP",
  },
];

/** Hides what differs by design, in the exchanges of both servers. */
export function withoutDesigned(animal: string, exchange: Comparable): Comparable {
  const mine = BY_DESIGN.filter(
    ({ animal: name, request = /^/ }) => name === animal && request.test(exchange.request),
  );
  const hidden = Object.fromEntries(mine.map(({ part }) => [part, "differs by design"]));
  const { headers, ...rest } = exchange;
  const changed = Object.entries(headers).map(([name, value]) => [name, hidden[`header ${name}`] ?? value]);
  return {
    ...rest,
    headers: Object.fromEntries(changed),
    status: hidden["status"] ?? rest.status,
    body: hidden["body"] ?? rest.body,
  };
}
