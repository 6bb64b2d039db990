import autocannon from "autocannon";
import { serveParent } from "../processes/serve-parent.js";
import { percentile } from "../summary.js";

interface Question {
  readonly url: string;
  readonly method?: "GET" | "PUT";
  readonly paths: readonly string[];
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly connections: number;
  readonly ms: number;
}

serveParent<Question>("ready", async ({ url, method = "GET", paths, headers, body, connections, ms }) => {
  const latenciesMs: number[] = [];
  const run = autocannon({
    url,
    connections,
    duration: ms / 1000,
    sampleInt: 100,
    requests: paths.map((path) => ({
      method,
      path,
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { body }),
    })),
  });
  run.on("response", (_client, _status, _bytes, ms) => latenciesMs.push(ms));
  const result = await run;
  return {
    p99Ms: percentile(latenciesMs, 99),
    requests: result["2xx"],
    seconds: result.duration,
    bad: result.errors + result.timeouts + result.non2xx,
  };
});
