export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const limiter = pathname === "/login" ? env.LOGIN : env.API;
    const key = searchParams.get("user") ?? request.headers.get("cf-connecting-ip");
    const outcome = await limiter.limit({ key });
    return Response.json(outcome, { status: outcome.success ? 200 : 429 });
  },
};
