import { lock } from "@kvasir/client/recipes";

// POST /<resource> does its work under a lock. It responds with 409 while another request holds the lock.
export default {
  async fetch(request, env) {
    if (request.method !== "POST") return new Response("POST to the resource\n", { status: 405 });
    const resource = new URL(request.url).pathname;

    // Of concurrent requests only one gets the lock. If its process dies, the lock is free after 30 seconds.
    const lease = await lock(env.LOCKS).tryAcquire(resource);
    if (lease === null) return Response.json({ error: `${resource} is locked` }, { status: 409 });
    try {
      const took = await work();
      // Rejected if the lease has expired and another request has the lock.
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
