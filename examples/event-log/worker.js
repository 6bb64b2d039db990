import { eventLog } from "@kvasir/client/recipes";

// POST / appends an event. GET / shows the newest events, GET /?cursor=… the next page. DELETE / removes all.
export default {
  async fetch(request, env) {
    const log = eventLog(env.EVENTS, { maxAgeSeconds: 30 * 86_400 });
    switch (request.method) {
      case "POST":
        return append(await request.json(), log);
      case "DELETE":
        return Response.json({ deleted: await log.clear() });
      default:
        return newest(log, new URL(request.url).searchParams);
    }
  },
};

async function append({ type, data = null }, log) {
  if (typeof type !== "string") return Response.json({ error: "type must be a text" }, { status: 400 });
  return Response.json(shown(await log.append({ type, data })), { status: 201 });
}

async function newest(log, searchParams) {
  const limit = Math.min(Math.max(1, Math.floor(Number(searchParams.get("limit") ?? 20)) || 20), 100);
  const { events, cursor } = await log.newest({ limit, cursor: searchParams.get("cursor") });
  return Response.json({ events: events.map(shown), cursor });
}

function shown({ sequence, atMs, data }) {
  return { number: sequence, at: new Date(atMs).toISOString(), ...data };
}
