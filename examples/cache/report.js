import { cache } from "@kvasir/client/recipes";

// Answers from the cache for five minutes. Then it makes the report anew: once, however many ask for it meanwhile.
const reports = cache(env.REPORTS, { ttlSeconds: 300 });

export async function handler(request) {
  return reports.cached(request, async ({ url }) => Response.json(await makeReport(new URL(url).pathname)));
}

// Stands for what is slow: a database, another service.
async function makeReport(pathname) {
  return { report: pathname, madeAt: new Date().toISOString(), id: crypto.randomUUID() };
}
