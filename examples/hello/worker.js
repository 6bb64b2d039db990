export default {
  async fetch(request, env) {
    const visits = await env.VISITS.increment(new URL(request.url).pathname);
    return new Response(`Visit number ${visits}\n`);
  },
};
