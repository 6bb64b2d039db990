import { reportError } from "./report.js";

type Method = (...args: unknown[]) => unknown;

/**
 * The object of an entrypoint or of a Durable Object, for its callers. An error of a method that a caller calls by
 * RPC is reported with its stack here, because the caller gets the error without one. Calls within the object
 * do not pass here, so errors that it catches itself are not reported.
 *
 * @param byWorkerd the methods that workerd calls, which report their errors themselves
 */
export function forCallers<T extends object>(
  target: T,
  { functionName, byWorkerd }: { readonly functionName: string; readonly byWorkerd: readonly string[] },
): T {
  return new Proxy(target, {
    get(_, property) {
      // Private members are those of the object itself.
      const value: unknown = Reflect.get(target, property, target);
      if (property === "constructor" || !isMethod(target, property, value)) return value;
      if (byWorkerd.includes(String(property))) return value.bind(target);
      return reporting(functionName, value.bind(target));
    },
  });
}

/** Values of properties and getters stay what they are, functions included. */
function isMethod(target: object, property: PropertyKey, value: unknown): value is Method {
  if (typeof value !== "function") return false;
  let owner: object | null = target;
  while (owner !== null && !Object.hasOwn(owner, property))
    owner = Object.getPrototypeOf(owner) as object | null;
  return (
    owner !== null && owner !== target && Object.getOwnPropertyDescriptor(owner, property)?.get === undefined
  );
}

function reporting(functionName: string, method: Method): Method {
  return (...args) => {
    try {
      const result = method(...args);
      if (result instanceof Promise) result.catch((error: unknown) => reportError(functionName, error));
      return result;
    } catch (error) {
      reportError(functionName, error);
      throw error;
    }
  };
}
