import { lock } from "@kvasir/client/recipes";

// POST /<resource> does its work alone, or answers 409 while somebody else does.
export default {
  async fetch(request, env) {
    if (request.method !== "POST") return new Response("POST to the resource\n", { status: 405 });
    const resource = new URL(request.url).pathname;

    // Of all who ask at once one gets it. Who dies while holding it keeps others out for 30 seconds.
    const lease = await lock(env.LOCKS).tryAcquire(resource);
    if (lease === null) return Response.json({ error: `${resource} is locked` }, { status: 409 });
    try {
      const took = await work();
      // Refused if the lease ran out and the lock is another's by now.
      const { ok } = await lease.guard(env.LOCKS.atomic()).put(`done:${resource}`, took).commit();
      if (!ok) return Response.json({ error: `${resource} was taken over` }, { status: 503 });
      return Response.json({ done: resource, fencingToken: lease.fencingToken, took });
    } finally {
      await lease.release();
    }
  },
};

async function work() {
  await scheduler.wait(200);
  return "200 ms";
}
