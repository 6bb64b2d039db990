// Longer than the work ever takes: who dies while holding the lock keeps others out for so long.
const LEASE_SECONDS = 60;

// POST /<resource> does its work alone, or answers 409 while somebody else does.
export default {
  async fetch(request, env) {
    if (request.method !== "POST") return new Response("POST to the resource\n", { status: 405 });
    const key = new URL(request.url).pathname;
    const owner = crypto.randomUUID();

    // Of all who ask at once exactly one finds the key absent.
    const lock = await env.LOCKS.put(key, owner, { ifAbsent: true, expirationTtl: LEASE_SECONDS });
    if (!lock.ok) return Response.json({ error: `${key} is locked` }, { status: 409 });
    try {
      return Response.json({ done: key, by: owner, fencingToken: lock.version, took: await work() });
    } finally {
      // If the lease ran out, the lock may be another's by now: its version tells.
      await env.LOCKS.delete(key, { ifVersion: lock.version });
    }
  },
};

async function work() {
  await scheduler.wait(200);
  return "200 ms";
}
