import { bringsTime, takeTime } from "./fake-date.js";
import { control as gateControl } from "./gate.js";

/**
 * The control entrypoint of a function: its gate, its shutdown and its fake clock.
 * Requests must know the secret.
 */
export function control(secret: string): ReturnType<typeof gateControl> {
  const gate = gateControl(secret);
  return {
    fetch: (request) => (bringsTime(request, secret) ? takeTime(request) : gate.fetch(request)),
  };
}
