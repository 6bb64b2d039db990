import type { Admin } from "@kvasir/client/namespace";
import { Failure } from "../../../failure/failure.js";

export async function findByTitle(
  admin: Pick<Admin, "namespaces">,
  title: string,
): Promise<{ readonly id: string; readonly shown: string }> {
  const found = (await admin.namespaces.list()).find((namespace) => namespace.title === title);
  if (found === undefined) {
    throw new Failure(`There is no namespace with the title "${title}".`, {
      hint: "See `kvasir kv namespace list`, or give --namespace-id.",
    });
  }
  return { id: found.id, shown: `name: "${title}" (id: "${found.id}")` };
}
