import { KvasirProcess } from "../../harness/kvasir-process.js";
import { FIRST_BUILD_TIMEOUT_MS } from "../../harness/limits.js";
import type { Animal } from "./animal.js";
import { withoutDesigned } from "./by-design.js";
import { type Comparable, comparable } from "./comparable.js";
import { projectCopy } from "./project-copy.js";
import { Visitor } from "./visitor.js";
import { wranglerDev } from "./wrangler-dev.js";

export async function underWrangler(name: string, animal: Animal): Promise<readonly Comparable[]> {
  const project = projectCopy(name, animal);
  const { folders = [], args = [], env = {} } = animal;
  const configs = folders.flatMap((folder) => ["--config", `${folder}/wrangler.jsonc`]);
  try {
    const server = await wranglerDev(project.root, { args: [...configs, ...args], env });
    try {
      return await visit(name, animal, server.url);
    } finally {
      await server.stop();
    }
  } finally {
    project.remove();
  }
}

export async function underKvasir(name: string, animal: Animal): Promise<readonly Comparable[]> {
  const project = projectCopy(name, animal);
  const { folders = [], args = [], env = {} } = animal;
  const server = KvasirProcess.launch(["dev", "--port", "0", "--api-port", "0", ...folders, ...args], {
    cwd: project.root,
    env,
    leadsGroup: true,
  });
  try {
    await server.ready({ msMax: FIRST_BUILD_TIMEOUT_MS });
    // Several Workers respond below their names, and wrangler's first one at the root.
    const path = folders.length === 0 ? "" : `/${folders[0]}`;
    return await visit(name, animal, `${server.functions}${path}`).catch((cause) => {
      throw new Error(`under kvasir, ${cause.message}\nkvasir has said: ${server.said}`, { cause });
    });
  } finally {
    await server.kill();
    project.remove();
  }
}

async function visit(name: string, animal: Animal, url: string): Promise<readonly Comparable[]> {
  const visitor = new Visitor(url);
  try {
    await animal.visit(visitor);
  } finally {
    visitor.close();
  }
  return visitor.exchanges.map((exchange) => withoutDesigned(name, comparable(exchange)));
}
