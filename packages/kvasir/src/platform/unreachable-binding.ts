import type { ListedBinding } from "../functions/config/listed-binding.js";

/** Members that Node, Vite or `await` look for in any object. */
const PROBED = new Set(["then", "toJSON", "constructor", "toString", "valueOf", "inspect", "$$typeof"]);

/**
 * Stands in `env` for a binding that only exists inside workerd. It can be passed on and compared. A call of one
 * of its methods throws an error that says what to do.
 */
export function unreachableBinding({ name, kind }: ListedBinding): object {
  return new Proxy(
    {},
    {
      get(target, member) {
        if (typeof member === "symbol" || PROBED.has(member)) return Reflect.get(target, member);
        return () => {
          throw new Error(
            `env.${name}.${member}() needs workerd: a binding of the kind "${kind}" does not exist in a framework's dev server. ` +
              "Run the built project with `kvasir dev` to use it.",
          );
        };
      },
    },
  );
}
