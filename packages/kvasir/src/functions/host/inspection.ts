import { join } from "node:path";
import { BUNDLE_FOLDER } from "../bundle/function-module.js";
import type { InspectorProxy } from "../inspector/inspector-proxy.js";
import { ScriptMap } from "../inspector/script-map.js";
import { functionServiceName } from "../surroundings/worker-part.js";
import type { Inspection } from "../workerd/supervisor.js";
import type { RunnableSource } from "./runnable-source.js";

/** The debuggers of the functions that share a workerd. `undefined` if none of them is JavaScript. */
export function inspectionOf(
  sources: readonly RunnableSource[],
  inspector: InspectorProxy,
): Inspection | undefined {
  const scripts = sources.filter(({ hasProcess }) => !hasProcess);
  if (scripts.length === 0) return undefined;
  let names: readonly string[] = [];
  return {
    get isAttached() {
      return names.some((name) => inspector.isAttached(name));
    },
    leave() {
      for (const name of names) inspector.leave(name);
    },
    async enter(port) {
      const before = names;
      names = scripts.map(({ version }) => version.config.name);
      for (const name of before) if (!names.includes(name)) inspector.remove(name);
      await Promise.all(
        scripts.map(({ version: { config, sourceMap } }) =>
          inspector.enter(config.name, {
            url: `ws://127.0.0.1:${port}/${encodeURI(functionServiceName(config.name))}`,
            map:
              sourceMap === undefined
                ? undefined
                : new ScriptMap(sourceMap, join(config.root, BUNDLE_FOLDER)),
          }),
        ),
      );
    },
  };
}
