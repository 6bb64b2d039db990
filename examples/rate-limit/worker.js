const WINDOW_SECONDS = 60;

// Counts the requests of each client and minute. increment() is atomic: requests at the same moment all count.
export default {
  async fetch(request, env) {
    const client = request.headers.get("X-Forwarded-For")?.split(",")[0] ?? "local";
    const nowSeconds = Math.floor(Date.now() / 1000);
    const window = Math.floor(nowSeconds / WINDOW_SECONDS);
    // The counter goes away by itself, once its minute is over.
    const count = await env.LIMITS.increment(`${client}:${window}`, 1, { expirationTtl: 2 * WINDOW_SECONDS });

    const limit = env.REQUESTS_PER_MINUTE;
    const resetSeconds = WINDOW_SECONDS - (nowSeconds % WINDOW_SECONDS);
    const headers = {
      "RateLimit-Limit": String(limit),
      "RateLimit-Remaining": String(Math.max(0, limit - count)),
      "RateLimit-Reset": String(resetSeconds),
    };
    if (count <= limit) return new Response("Welcome\n", { headers });
    return new Response("Too many requests\n", {
      status: 429,
      headers: { ...headers, "Retry-After": String(resetSeconds) },
    });
  },
};
