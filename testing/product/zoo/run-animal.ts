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
  const { args = [], env = {} } = animal;
  try {
    const server = await wranglerDev(project.root, { args: [...configsOf(animal), ...args], env });
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
  const { args = [], env = {} } = animal;
  const ports = ["--port", "0", "--api-port", "0"];
  const server = KvasirProcess.launch(["dev", ...ports, ...configsOf(animal), ...args], {
    cwd: project.root,
    env,
    leadsGroup: true,
  });
  try {
    await server.ready({ msMax: FIRST_BUILD_TIMEOUT_MS });
    return await visit(name, animal, server.functions ?? "").catch((cause) => {
      throw new Error(`under kvasir, ${cause.message}\nkvasir has said: ${server.said}`, { cause });
    });
  } finally {
    await server.kill();
    project.remove();
  }
}

function configsOf({ folders = [] }: Animal): readonly string[] {
  return folders.flatMap((folder) => ["--config", `${folder}/wrangler.jsonc`]);
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
