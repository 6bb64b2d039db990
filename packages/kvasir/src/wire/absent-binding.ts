/** Members that Node, Vite or `await` look for in any object. */
const PROBED = new Set(["then", "toJSON", "constructor", "toString", "valueOf", "inspect", "$$typeof"]);

/**
 * Stands in `env` for a binding that does not exist where the code runs. It can be passed on and compared. A call
 * of one of its methods returns a promise that rejects. Calls on that promise return such a promise too, so
 * `env.DB.prepare(sql).bind(1).first()` rejects with the message for `prepare`.
 *
 * @param messageFor the text of the error, given the name of the method
 */
export function absentBinding(messageFor: (method: string) => string): object {
  return throughMembers((member) => {
    const method = (): Promise<never> => {
      const error = new Error(messageFor(`${member}()`));
      // The stack begins with the caller's code.
      (Error as StackCapture).captureStackTrace?.(error, method);
      return rejected(error);
    };
    return method;
  });
}

/** A binding of a kind that Kvasir does not have, in workerd or in a dev server. */
export interface UnsupportedBinding {
  /** The name in `env`. */
  readonly name: string;
  /** wrangler's name for the kind. */
  readonly kind: string;
}

export const ANALYTICS_ENGINE = "Analytics Engine Dataset";
export const HYPERDRIVE = "Hyperdrive Config";

/** What `env` has for a binding of a kind that Kvasir does not have. */
export function unsupportedBinding({ name, kind }: UnsupportedBinding): object {
  // Points are discarded without an error, as in `wrangler dev`: code never waits for `writeDataPoint`.
  if (kind === ANALYTICS_ENGINE) return { writeDataPoint: () => undefined };
  const messageFor = (member: string) =>
    `env.${name}.${member} failed: Kvasir has no bindings of the kind "${kind}". Catch this error if the Worker can do without it.`;
  if (kind !== HYPERDRIVE) return absentBinding(messageFor);
  // Its members are values, such as `connectionString`.
  return throughMembers((member) => {
    throw new Error(messageFor(member));
  });
}

/** An object that has any member, except those that the language or a tool looks for by itself. */
function throughMembers(memberFor: (member: string) => unknown): object {
  return new Proxy(
    {},
    {
      get: (target, member) =>
        typeof member === "symbol" || PROBED.has(member) ? Reflect.get(target, member) : memberFor(member),
    },
  );
}

interface StackCapture {
  readonly captureStackTrace?: (error: Error, below: unknown) => void;
}

function rejected(error: Error): Promise<never> {
  const promise = Promise.reject(error);
  const members = new Proxy(Object.create(Promise.prototype), {
    get(target, member) {
      if (typeof member === "symbol" || member in target || PROBED.has(member))
        return Reflect.get(target, member);
      return () => {
        // Only the promise that is returned reports the error.
        promise.catch(() => undefined);
        return rejected(error);
      };
    },
  });
  return Object.setPrototypeOf(promise, members);
}
