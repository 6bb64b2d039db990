export default {
  async fetch(request: Request, env: any): Promise<Response> {
    return Response.json(await env.STATS.get("last", "json"));
  },
  async scheduled(controller: any, env: any, ctx: any): Promise<void> {
    if (controller.cron === "1 1 1 1 *") throw new Error("not today");
    const runs = Number(await env.STATS.get("runs")) + 1;
    ctx.waitUntil(
      env.STATS.put("runs", String(runs)).then(() =>
        env.STATS.put(
          "last",
          JSON.stringify({ runs, cron: controller.cron, time: typeof controller.scheduledTime }),
        ),
      ),
    );
  },
};
