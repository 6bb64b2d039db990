const LIFETIME_SECONDS = 300;

// Answers from the cache for five minutes, then makes the report anew. kvGetWithExpiry gives null for what is over.
export async function handler(request) {
  const { pathname } = new URL(request.url);
  const key = `report${pathname}`;
  const headers = { "Content-Type": "application/json" };

  const cached = await kvGetWithExpiry(key);
  if (cached !== null) return new Response(cached, { headers: { ...headers, "X-Cache": "HIT" } });

  const report = JSON.stringify(await makeReport(pathname));
  await kvPutWithExpiry(key, report, LIFETIME_SECONDS);
  return new Response(report, { headers: { ...headers, "X-Cache": "MISS" } });
}

// Stands for what is slow: a database, another service.
async function makeReport(pathname) {
  return { report: pathname, madeAt: new Date().toISOString(), id: crypto.randomUUID() };
}
