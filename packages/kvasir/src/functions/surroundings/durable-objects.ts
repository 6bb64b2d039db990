import { runtimeModule } from "../modules/runtime-module.js";
import { STAND_IN_DATE, whyUnavailable } from "./services.js";
import { functionServiceName, type NamedValue, type Surrounding } from "./worker-part.js";

const DISK = "durable-objects";

/** Namespaces of Durable Objects. workerd runs them, and keeps their data in a folder. */
export const durableObjects: Surrounding = ({ name, durableObjects: own }, place) => {
  if (own === undefined) return {};
  const { bindings, classes } = own;
  const stand = `unavailable-objects:${name}`;
  const missing = new Map<string, string>();
  const namespaces = bindings.map(({ binding, className, scriptName }): NamedValue => {
    const message =
      scriptName === undefined
        ? undefined
        : (whyUnavailable(scriptName, place) ??
          whyNoClass(
            scriptName,
            className,
            place.functions.find((other) => other.name === scriptName),
          ));
    if (message !== undefined) missing.set(className, message);
    const serviceName =
      message !== undefined ? stand : scriptName === undefined ? undefined : functionServiceName(scriptName);
    return { name: binding, durableObjectNamespace: { className, serviceName } };
  });
  const { objectsFolder } = place;
  const disk = { name: DISK, disk: { path: objectsFolder, writable: true, allowDotfiles: true } };
  return {
    bindings: namespaces,
    services: [...(classes.length > 0 ? [disk] : []), ...(missing.size > 0 ? [standIn(stand, missing)] : [])],
    ...(classes.length === 0
      ? {}
      : {
          worker: {
            durableObjectNamespaces: classes.map(({ className, key, sqlite }) => ({
              className,
              uniqueKey: key,
              enableSql: sqlite,
            })),
            durableObjectStorage: { localDisk: DISK },
          },
        }),
  };
};

function whyNoClass(
  script: string,
  className: string,
  other:
    | {
        readonly durableObjects?: { readonly classes: readonly { readonly className: string }[] } | undefined;
      }
    | undefined,
): string | undefined {
  if (other?.durableObjects?.classes.some((known) => known.className === className)) return undefined;
  return `Worker "${script}" has no Durable Object class "${className}". Name it in a migration of that Worker.`;
}

/** Objects that say why their Worker does not run. */
function standIn(name: string, missing: ReadonlyMap<string, string>): NamedValue {
  const classes = Array.from(missing, ([className, message]) => {
    return `export const ${className} = unavailableObject(${JSON.stringify(message)});`;
  });
  const main = `import { unavailableObject } from "./kvasir-unavailable.js";\n${classes.join("\n")}\nexport default {};\n`;
  return {
    name,
    worker: {
      modules: [
        { name: "main.js", esModule: main },
        { name: "kvasir-unavailable.js", esModule: runtimeModule("unavailable").body },
      ],
      compatibilityDate: STAND_IN_DATE,
      durableObjectNamespaces: Array.from(missing.keys(), (className) => ({
        className,
        uniqueKey: `${name}-${className}`,
      })),
      durableObjectStorage: { inMemory: null },
    },
  };
}
