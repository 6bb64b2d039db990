import { rateLimit } from "@kvasir/client/recipes";

// Limits the requests of each client per minute. The limit is exact, also for concurrent requests.
export default {
  async fetch(request, env) {
    const limiter = rateLimit(env.LIMITS, { limit: env.REQUESTS_PER_MINUTE, windowSeconds: 60 });
    const client = request.headers.get("X-Forwarded-For")?.split(",")[0] ?? "local";
    const result = await limiter.check(client);

    const headers = limiter.headers(result);
    if (result.allowed) return new Response("Welcome\n", { headers });
    return new Response("Too many requests\n", { status: 429, headers });
  },
};
