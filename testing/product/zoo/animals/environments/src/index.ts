export default {
  async fetch(request: Request, env: Record<string, any>): Promise<Response> {
    const { CONFIG, ...rest } = env;
    const visits = Number(await CONFIG.get("visits")) + 1;
    await CONFIG.put("visits", String(visits));
    return Response.json({ visits, names: Object.keys(rest).sort(), stage: env.STAGE, nested: env.NESTED });
  },
};
