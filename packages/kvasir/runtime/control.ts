import { bringsTime, takeTime } from "./fake-date.js";
import { control as gateControl } from "./gate.js";

/** The control entrypoint of a function: its gate, its end, and its fake clock. It answers only to the secret. */
export function control(secret: string): ReturnType<typeof gateControl> {
  const gate = gateControl(secret);
  return {
    fetch: (request) => (bringsTime(request, secret) ? takeTime(request) : gate.fetch(request)),
  };
}
