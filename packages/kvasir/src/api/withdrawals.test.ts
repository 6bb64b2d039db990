import { KvError } from "@kvasir/client/namespace";
import { expect, onTestFinished, test, vi } from "vitest";
import type { ApiExchange } from "./api-exchange.js";
import type { Authority } from "./auth/authority.js";
import { Withdrawals } from "./withdrawals.js";

const INTERVAL_MS = 500;

test("asks once for each token, however many requests it has, and never for requests without one", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const underWay = Array.from({ length: 1000 }, (_, at) => exchangeOf(at % 2 === 0 ? "good" : "revoked"));
  underWay.push(exchangeOf(undefined));
  const asked: (string | undefined)[] = [];
  const ended: ApiExchange[] = [];
  const withdrawals = new Withdrawals({
    requests: { underWay, withdraw: (exchange) => ended.push(exchange) },
    authority: {
      async recheck({ token }) {
        asked.push(token?.hash);
        if (token?.hash === "revoked") throw new KvError("unauthorized", "revoked");
      },
    } as Authority,
    intervalMs: INTERVAL_MS,
    failed: (error) => expect.unreachable(String(error)),
  });
  onTestFinished(() => withdrawals.close());
  await vi.advanceTimersByTimeAsync(INTERVAL_MS);
  expect(asked).toEqual(["good", "revoked"]);
  expect(ended).toHaveLength(500);
  expect(new Set(ended.map(({ matched: { principal } }) => principal.token?.hash))).toEqual(
    new Set(["revoked"]),
  );
});

function exchangeOf(hash: string | undefined): ApiExchange {
  const token = hash === undefined ? {} : { token: { hash, expiresMs: undefined } };
  return { matched: { principal: { scope: "read", namespaces: null, ...token } } } as ApiExchange;
}
