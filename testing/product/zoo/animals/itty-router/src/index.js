import { AutoRouter, cors, error, json, withContent } from "itty-router";

const { preflight, corsify } = cors({ origin: ["https://example.com"], maxAge: 600 });
const router = AutoRouter({
  base: "/v1",
  before: [preflight],
  finally: [corsify],
  missing: () => error(404, "gone"),
});

const withBook = async (request, env) => {
  request.book = await env.BOOKS.get(request.params.id, { type: "json" });
  if (!request.book) return error(404, { message: "no such book", id: request.params.id });
};

router
  .get("/books", async (_, env) => {
    const { keys } = await env.BOOKS.list();
    return keys.map(({ name, metadata }) => ({ name, ...metadata }));
  })
  .get("/books/:id", withBook, ({ book, query }) => ({ ...book, query }))
  .put("/books/:id", withContent, async ({ params, content }, env) => {
    await env.BOOKS.put(params.id, JSON.stringify(content), { metadata: { pages: content.pages } });
    return json({ saved: params.id }, { status: 201 });
  })
  .get("/files/:name+", ({ params }) => params.name)
  .get("/bad", () => {
    throw new Error("thrown");
  })
  .all("/echo", async (request) => new Response(await request.text(), { status: 202 }));

export default { ...router };
