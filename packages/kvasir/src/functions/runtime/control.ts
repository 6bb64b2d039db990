import { bringsTime, takeTime } from "./fake-date.js";
import { control as gateControl } from "./gate.js";

/** The control entrypoint of a function: its gate, and its fake clock. Only who knows the secret gets an answer. */
export function control(secret: string): ReturnType<typeof gateControl> {
  const gate = gateControl(secret);
  return {
    fetch: (request, env, ctx) =>
      bringsTime(request, secret) ? takeTime(request) : gate.fetch(request, env, ctx),
  };
}
