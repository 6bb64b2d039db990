import { KvError } from "@kvasir/client/namespace";
import { EXPIRATION_SECONDS_MAX, FakeClock } from "@kvasir/store";
import type { ApiContext } from "../../api/api-context.js";
import type { Route } from "../../api/route.js";
import { isRecord, readJson } from "../../http/body.js";

const TIME = {
  "application/json": {
    type: "object",
    required: ["nowMs"],
    properties: { nowMs: { type: "integer", description: "Milliseconds since the epoch" } },
  },
};
const ADVANCE_HINT = 'Send {"advance": 60000}: whole milliseconds, 0 or more.';

/** The fake clock of a server under test. */
export function clockRoutes({ clock }: ApiContext): Route[] {
  return [
    {
      method: "GET",
      path: "/kvasir/clock",
      operation: "readClock",
      access: "read",
      bound: "harmless",
      describe: {
        summary: "The time of a fake clock (`kvasir dev --clock fake`)",
        answer: { description: "The time", content: TIME },
      },
      handle(exchange) {
        exchange.sendJson(200, { nowMs: fake(clock).nowMs() }, ["Cache-Control", "no-store"]);
      },
    },
    {
      method: "POST",
      path: "/kvasir/clock",
      operation: "advanceClock",
      access: "admin",
      bound: "refused",
      describe: {
        summary: "Move a fake clock on; answered when the store and the functions have the new time",
        body: {
          "application/json": {
            type: "object",
            required: ["advance"],
            properties: { advance: { type: "integer", minimum: 0, description: "Milliseconds" } },
          },
        },
        answer: { description: "The new time", content: TIME },
      },
      async handle(exchange) {
        const moved = fake(clock);
        const advanceMs = advanceOf(await readJson(exchange), moved.nowMs());
        const nowMs = moved.nowMs() + advanceMs;
        moved.advance(advanceMs);
        await moved.settled();
        exchange.sendJson(200, { nowMs });
      },
    },
  ];
}

function fake(clock: ApiContext["clock"]): FakeClock {
  if (clock instanceof FakeClock) return clock;
  throw new KvError("route_not_found", "This server's clock is the machine's, which nobody moves", {
    hint: "Start it with `kvasir dev --clock fake`, or open its database with a FakeClock.",
  });
}

function advanceOf(body: unknown, nowMs: number): number {
  const advance = isRecord(body) ? body["advance"] : undefined;
  if (typeof advance !== "number" || !Number.isSafeInteger(advance) || advance < 0) {
    const given = advance === undefined ? "nothing" : JSON.stringify(advance).slice(0, 50);
    throw new KvError("bad_request", `The clock cannot advance by ${given}`, { hint: ADVANCE_HINT });
  }
  if (nowMs + advance > EXPIRATION_SECONDS_MAX * 1000) {
    throw new KvError(
      "bad_request",
      `Advanced by ${advance} ms the clock would pass the last date there is`,
      {
        hint: ADVANCE_HINT,
      },
    );
  }
  return advance;
}
