import type { ListedBinding } from "../functions/config/listed-binding.js";
import { absentBinding } from "../wire/absent-binding.js";

/** Stands in `env` for a binding that only exists inside workerd. Its calls fail and say what to do. */
export function unreachableBinding({ name, kind }: ListedBinding): object {
  return absentBinding(
    (method) =>
      `env.${name}.${method} needs workerd: a binding of the kind "${kind}" does not exist in a framework's dev server. ` +
      "Run the built project with `kvasir dev` to use it.",
  );
}
