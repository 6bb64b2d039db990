import { KvError } from "@kvasir/client/namespace";
import type { Store } from "@kvasir/store";

/** The number that `increment` counts under a key. 0 if there is none. */
export async function readCounter(store: Store, namespace: string, key: string): Promise<number> {
  const { value } = (await store.entries.get(namespace, key)) ?? { value: ZERO };
  if (!(value instanceof Uint8Array)) throw new KvError("value_not_integer", `${key} is no counter`);
  return Number(Buffer.from(value).toString());
}

const ZERO = Buffer.from("0");
