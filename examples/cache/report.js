import { cache } from "@kvasir/client/recipes";

// Serves a cached report for five minutes, then makes it again. Concurrent requests share one computation.
const reports = cache(env.REPORTS, { ttlSeconds: 300 });

export async function handler(request) {
  return reports.cached(request, async ({ url }) => Response.json(await makeReport(new URL(url).pathname)));
}

// Stands for slow work, such as a query of a database or a call to another service.
async function makeReport(pathname) {
  return { report: pathname, madeAt: new Date().toISOString(), id: crypto.randomUUID() };
}
