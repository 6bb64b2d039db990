interface Env {
  readonly TODOS: {
    list(options: object): Promise<{ keys: readonly { name: string; metadata?: unknown }[] }>;
    put(key: string, value: string, options?: object): Promise<void>;
  };
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (request.method === "POST") {
      const { id, title } = (await request.json()) as { id: string; title: string };
      await env.TODOS.put(`todo:${id}`, title, { metadata: { done: false } });
      return Response.json({ id, title }, { status: 201, headers: { Location: `/api/todos/${id}` } });
    }
    if (pathname === "/api/todos") {
      const { keys } = await env.TODOS.list({ prefix: "todo:" });
      return Response.json(keys);
    }
    return Response.json({ error: "not found", pathname }, { status: 404 });
  },
} satisfies { fetch(request: Request, env: Env): Promise<Response> };
