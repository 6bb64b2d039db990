import type { KVNamespace } from "@kvasir/client";
import { runCase } from "../../run-case.js";

/** A global of functions that are no Workers. */
declare const env: { readonly KV: KVNamespace };

export default async (req: { readonly url: string }, res: { send(text: string): void }) => {
  res.send(await runCase(`http://function${req.url}`, env.KV));
};
