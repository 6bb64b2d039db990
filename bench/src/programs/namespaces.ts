import { open } from "@kvasir/store";
import { serveParent } from "../processes/serve-parent.js";

/**
 * Creates namespaces in a data directory (first argument), or looks one up by its title, as often as the
 * parent asks.
 */
export type NamespacesQuestion = { readonly create: number } | { readonly find: number };

const database = open(process.argv[2] ?? "");
const { catalog } = database;
let created = 0;

serveParent<NamespacesQuestion>("ready", async (question) => {
  const startedMs = performance.now();
  if ("create" in question) {
    for (let left = question.create; left > 0; left--) await catalog.create(titleOf(created++));
    return (question.create / (performance.now() - startedMs)) * 1000;
  }
  for (let look = 0; look < question.find; look++) {
    if ((await catalog.find(titleOf((look * 7919) % created))) === null)
      throw new Error("A title is not found.");
    // As over HTTP, where requests run in several turns of the event loop.
    if (look % 32 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return (question.find / (performance.now() - startedMs)) * 1000;
});

function titleOf(index: number): string {
  return `tenant ${index}`;
}
