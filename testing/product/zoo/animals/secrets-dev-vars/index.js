import { env as imported } from "cloudflare:workers";

export default {
  fetch(request, env) {
    // The order of the names is no promise of either server.
    const sorted = Object.fromEntries(Object.entries(env).sort());
    return Response.json({
      env: sorted,
      same: imported.API_KEY === env.API_KEY,
      process: process.env.API_KEY,
      list: process.env.LIST,
    });
  },
};
