export default {
  async fetch(request: Request, env: any): Promise<Response> {
    return Response.json(await env.STATS.get("last", "json"));
  },
  async scheduled(controller: any, env: any): Promise<void> {
    if (controller.cron === "1 1 1 1 *") throw new Error("not today");
    const runs = Number(await env.STATS.get("runs")) + 1;
    const last = { runs, cron: controller.cron, time: typeof controller.scheduledTime };
    await env.STATS.put("runs", String(runs));
    await env.STATS.put("last", JSON.stringify(last));
  },
};
