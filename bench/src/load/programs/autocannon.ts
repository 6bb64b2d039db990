import autocannon from "autocannon";
import { serveParent } from "../../core/serve-parent.js";
import type { Load, LoadAnswer } from "../load-tool.js";

serveParent<Load>("ready", async (load): Promise<LoadAnswer> => {
  const { url, method = "GET", paths, headers, body, connections, ms } = load;
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
