import type { KVNamespace } from "@kvasir/client";
import { runCase } from "../../run-case.js";

/** Functions that are not Workers have `env` as a global. */
declare const env: { readonly KV: KVNamespace };

export default async (req: { readonly url: string }, res: { send(text: string): void }) => {
  res.send(await runCase(`http://function${req.url}`, env.KV));
};
