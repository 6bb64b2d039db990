import type { KVNamespace } from "@kvasir/client";
import { type Call, type TaskName, tasks } from "../tasks.js";

/** Does one task per request: POST /<task> with the call as JSON. */
export default {
  async fetch(request: Request, env: { readonly HAMMERED: KVNamespace }): Promise<Response> {
    const name = new URL(request.url).pathname.slice(1) as TaskName;
    return Response.json({ result: await tasks[name](env.HAMMERED, (await request.json()) as Call) });
  },
};
