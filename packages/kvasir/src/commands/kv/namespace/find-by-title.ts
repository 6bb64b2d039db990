import { Failure } from "../../../failure/failure.js";
import type { Target } from "../../target/target.js";

export async function findByTitle(
  target: Target,
  title: string,
): Promise<{ readonly id: string; readonly shown: string }> {
  const found = (await target.listNamespaces()).find((namespace) => namespace.title === title);
  if (found === undefined) {
    throw new Failure(`There is no namespace with the title "${title}".`, {
      hint: "See `kvasir kv namespace list`, or give --namespace-id.",
    });
  }
  return { id: found.id, shown: `name: "${title}" (id: "${found.id}")` };
}
