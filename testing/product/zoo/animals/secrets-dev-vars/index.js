import { env as imported } from "cloudflare:workers";

export default {
  fetch(request, env) {
    return Response.json({ env, same: imported.API_KEY === env.API_KEY, process: process.env.API_KEY, list: process.env.LIST });
  },
};
