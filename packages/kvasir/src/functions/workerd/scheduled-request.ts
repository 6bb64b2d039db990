import { request } from "node:http";
import { objectIn } from "../observe/lines.js";

/** One run of a function's `scheduled` handler. */
export interface ScheduledRun {
  readonly cron: string;
  readonly scheduledTimeMs: number;
}

export interface ScheduledResult {
  readonly outcome: string;
}

/**
 * Runs the handler through the control socket. Resolves when the handler and its background work have ended, or
 * with `undefined` if the process ended before.
 */
export function scheduledRequest(
  { port, secret }: { readonly port: number | undefined; readonly secret: string },
  { cron, scheduledTimeMs }: ScheduledRun,
): Promise<ScheduledResult | undefined> {
  const query = new URLSearchParams({ cron, time: String(scheduledTimeMs) });
  return new Promise((resolve) => {
    const ask = request({
      host: "127.0.0.1",
      port,
      method: "POST",
      path: `/${secret}/scheduled?${query}`,
      agent: false,
    });
    ask.on("response", (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("error", () => resolve(undefined));
      response.on("end", () => {
        const outcome = objectIn(body)?.["outcome"];
        resolve({ outcome: typeof outcome === "string" ? outcome : "exception" });
      });
    });
    ask.on("error", () => resolve(undefined));
    ask.end();
  });
}
