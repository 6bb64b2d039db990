import { runtimeModule } from "../modules/runtime-module.js";
import type { Surrounding } from "./worker-part.js";

const UNSUPPORTED_MODULE = "kvasir:unsupported-binding";

/** Bindings of kinds that Kvasir does not have, so that a Worker that seldom uses them runs. */
export const unsupportedBindings: Surrounding = ({ unsupportedBindings: bound = [] }) => ({
  bindings: bound.map(({ name, kind }) => ({
    name,
    wrapped: {
      moduleName: UNSUPPORTED_MODULE,
      innerBindings: [
        { name: "name", json: JSON.stringify(name) },
        { name: "kind", json: JSON.stringify(kind) },
      ],
    },
  })),
  internalModules:
    bound.length === 0
      ? []
      : [{ name: UNSUPPORTED_MODULE, esModule: runtimeModule("unsupported-binding").body }],
});
