import { ARRIVALS_SETTLE_MS, ARRIVALS_WAITING_MAX, LATENCY_PERCENTS } from "../../core/limits.js";
import { serveParent } from "../../core/serve-parent.js";
import { percentileOfSorted } from "../../core/summary.js";
import type { ArrivalsAnswer, ArrivalsQuestion } from "../arrivals.js";
import { HttpConnection, requestBytes } from "../http-connection.js";
import { Metronome } from "../metronome.js";

serveParent<ArrivalsQuestion>("ready", async (question): Promise<ArrivalsAnswer> => {
  const { url, method = "GET", paths, headers = {}, body = "", connections, rate, ms } = question;
  const requests = paths.map((path) => requestBytes({ url, method, path, headers, body }));
  const opened = await Promise.all(Array.from({ length: connections }, () => HttpConnection.open(url)));
  try {
    return await askAtRate(requests, opened, { everyMs: 1000 / rate, ms });
  } finally {
    for (const connection of opened) connection.close();
  }
});

/**
 * Requests are due at fixed times, whether or not earlier ones have got a response. A request without a free
 * connection waits, and its latency counts from when it was due. So a server that stalls for 100 ms delays
 * all requests that were due meanwhile. A generator that waits for responses would have seen a single slow
 * request.
 */
function askAtRate(
  requests: readonly Buffer[],
  connections: readonly HttpConnection[],
  { everyMs, ms }: { readonly everyMs: number; readonly ms: number },
): Promise<ArrivalsAnswer> {
  const free = [...connections];
  /**
   * The due times of requests that had to wait. The first `begun` have been sent. (`shift` takes linear time
   * on a long array.)
   */
  const waiting: number[] = [];
  let begun = 0;
  const latenciesMs: number[] = [];
  const lagsMs: number[] = [];
  const startMs = performance.now();
  // The first requests meet new connections and code that is not compiled yet, in client and server.
  const countedFromMs = startMs + ARRIVALS_SETTLE_MS;
  const endMs = countedFromMs + ms;
  let due = 0;
  let sent = 0;
  let answered = 0;
  let answeredInTime = 0;
  let bad = 0;

  function send(connection: HttpConnection, dueMs: number): void {
    connection.send(requests[sent++ % requests.length] as Buffer, (isGood) => {
      answered++;
      if (!isGood) bad++;
      const nowMs = performance.now();
      if (nowMs >= countedFromMs && nowMs < endMs) answeredInTime++;
      if (dueMs >= countedFromMs) latenciesMs.push(nowMs - dueMs);
      const nextMs = waiting[begun];
      if (nextMs === undefined) free.push(connection);
      else {
        begun++;
        send(connection, nextMs);
      }
    });
  }

  return new Promise<ArrivalsAnswer>((resolve, reject) => {
    const metronome = Metronome.start(turn);
    const end = (settle: () => void) => void metronome.stop().then(settle);
    let ended = false;
    function turn(): void {
      if (ended) return;
      const nowMs = performance.now();
      let dueMs = startMs + due * everyMs;
      while (dueMs <= nowMs && dueMs < endMs) {
        if (dueMs >= countedFromMs) lagsMs.push(nowMs - dueMs);
        const connection = free.shift();
        if (connection === undefined) waiting.push(dueMs);
        else send(connection, dueMs);
        dueMs = startMs + ++due * everyMs;
      }
      const isBehind = waiting.length - begun > ARRIVALS_WAITING_MAX;
      ended = isBehind || (nowMs >= endMs && answered === due);
      if (ended) end(() => (isBehind ? reject(new Error("The server cannot keep up.")) : resolve(outcome())));
    }
  });

  function outcome(): ArrivalsAnswer {
    const sorted = Float64Array.from(latenciesMs).sort();
    return {
      requests: answered,
      bad,
      rate: (answeredInTime / ms) * 1000,
      percentilesMs: LATENCY_PERCENTS.map((percent) => percentileOfSorted(sorted, percent)),
      lagMs: percentileOfSorted(Float64Array.from(lagsMs).sort(), 99),
    };
  }
}
