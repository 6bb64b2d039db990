import { DurableObject } from "cloudflare:workers";

export class Counter extends DurableObject<any> {
  constructor(ctx: any, env: any) {
    super(ctx, env);
    ctx.blockConcurrencyWhile(async () => {
      ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS hits (name TEXT PRIMARY KEY, n INTEGER)");
    });
  }
  hit(name: string) {
    return this.ctx.storage.sql
      .exec("INSERT INTO hits VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET n = n + 1 RETURNING n", name)
      .one().n;
  }
  all() {
    return this.ctx.storage.sql.exec("SELECT * FROM hits ORDER BY name").toArray();
  }
  async wake() {
    await this.ctx.storage.setAlarm(Date.now() + 1);
    return (await this.ctx.storage.getAlarm()) !== null;
  }
  async alarm() {
    await this.env.KV.put("alarm", String(this.all().length));
  }
}

export class Legacy {
  constructor(
    readonly state: any,
    readonly env: any,
  ) {}
  async fetch(request: Request): Promise<Response> {
    const count = ((await this.state.storage.get("count")) ?? 0) + 1;
    await this.state.storage.put({ count, last: new URL(request.url).pathname });
    return Response.json(Object.fromEntries(await this.state.storage.list()));
  }
}

export default {
  async fetch(request: Request, env: any): Promise<Response> {
    const { pathname } = new URL(request.url);
    const [, room = "", name = ""] = pathname.split("/");
    if (room === "legacy") return env.LEGACY.get(env.LEGACY.idFromName(name)).fetch(request);
    if (room === "alarm") {
      for (let turn = 0; turn < 1_000; turn += 1) {
        const seen = await env.KV.get("alarm");
        if (seen !== null) return new Response(`alarm saw ${seen}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return new Response("no alarm", { status: 504 });
    }
    const stub = env.COUNTER.getByName(room);
    if (name === "all") return Response.json(await stub.all());
    if (name === "wake") return Response.json(await stub.wake());
    return Response.json({ hits: await stub.hit(name), id: env.COUNTER.idFromName(room).toString().length });
  },
};
