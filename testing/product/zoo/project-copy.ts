import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { NODE_MODULES } from "../../harness/checkout.js";
import { Project } from "../../harness/project.js";
import type { Animal } from "./animal.js";

export const ANIMALS = fileURLToPath(new URL("animals", import.meta.url));

/** A copy of an animal's project, with the packages that it needs: as after a clone and an install. */
export function projectCopy(name: string, animal: Animal): Project {
  const { project: folder = name, packages = [], storePackages = {}, links = {}, files = {} } = animal;
  const project = new Project();
  const visit = join(ANIMALS, folder, "visit.ts");
  cpSync(join(ANIMALS, folder), project.root, { recursive: true, filter: (path) => path !== visit });
  project.write(files);
  const link = (place: string, target: string) => {
    mkdirSync(dirname(join(project.root, place)), { recursive: true });
    symlinkSync(target, join(project.root, place));
  };
  for (const each of packages) link(`node_modules/${each}`, join(NODE_MODULES, each));
  for (const [place, each] of Object.entries(storePackages)) link(place, join(NODE_MODULES, each));
  for (const [place, target] of Object.entries(links)) link(place, target);
  return project;
}
