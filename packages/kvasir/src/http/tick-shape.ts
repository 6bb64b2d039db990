import { createHook } from "node:async_hooks";

/** Held for good, which is the point of it. */
const kept: object[] = [];

/**
 * Keeps `process.nextTick` quick in a server that was idle before it is busy.
 *
 * Node makes one small object for each call. When a garbage collection finds none of them alive (a server that has
 * just started and waits), V8 forgets their shape; the next one gets a new shape, the place that makes them has then
 * seen two, and takes a slow path for the rest of the process's life: 4 of 15 µs for each request, which calls
 * `nextTick` seven times (Node 20.20, V8 11.3). One that stays alive keeps the shape.
 */
export function keepTickShape(): void {
  if (kept.length > 0) return;
  const hook = createHook({
    init(_asyncId, type, _triggerAsyncId, resource) {
      if (type === "TickObject") kept.push(resource);
    },
  });
  hook.enable();
  process.nextTick(() => {});
  hook.disable();
}
