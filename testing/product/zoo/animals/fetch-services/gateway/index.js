export default {
  async fetch(request, env) {
    const allowed = await env.AUTH.fetch(request.clone());
    if (!allowed.ok) return allowed;
    const { searchParams } = new URL(request.url);
    const response = await env.USERS.fetch(`https://users.internal/users/${searchParams.get("id")}`, {
      method: request.method,
      body: request.body,
      headers: { "X-User": allowed.headers.get("x-user") },
    });
    return new Response(response.body, {
      status: response.status,
      headers: { "X-Via": "gateway", ...Object.fromEntries(response.headers) },
    });
  },
};
