const KEPT_SECONDS = 30 * 86_400;

// POST / appends an event, GET / shows the newest, GET /?cursor=… goes on from there, DELETE / clears all.
export default {
  async fetch(request, env) {
    const { searchParams } = new URL(request.url);
    switch (request.method) {
      case "POST":
        return append(await request.json(), env.EVENTS);
      case "DELETE":
        return Response.json({ deleted: await env.EVENTS.deletePrefix("event:") });
      default:
        return newest(env.EVENTS, searchParams);
    }
  },
};

// A key for each event: writers at the same moment do not overwrite each other, as they would in one list.
async function append({ type, data = null }, events) {
  if (typeof type !== "string") return Response.json({ error: "type must be a text" }, { status: 400 });
  const event = { id: crypto.randomUUID(), type, data, at: new Date().toISOString() };
  const sequence = await events.increment("sequence");
  const key = `event:${String(sequence).padStart(16, "0")}`;
  await events.put(key, JSON.stringify(event), { expirationTtl: KEPT_SECONDS });
  return Response.json(event, { status: 201 });
}

async function newest(events, searchParams) {
  const page = await events.list({
    prefix: "event:",
    reverse: true,
    values: true,
    limit: Math.min(Number(searchParams.get("limit")) || 20, 100),
    cursor: searchParams.get("cursor"),
  });
  return Response.json({ events: page.keys.map(({ value }) => JSON.parse(value)), cursor: page.cursor });
}
