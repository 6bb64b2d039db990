import autocannon from "autocannon";
import { serveParent } from "../processes/serve-parent.js";

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
  const result = await autocannon({
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
  return {
    requests: result["2xx"],
    seconds: result.duration,
    bad: result.errors + result.timeouts + result.non2xx,
  };
});
