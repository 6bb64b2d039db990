import { defineConfig } from "vitest/config";
import { sourceAliases } from "./scripts/source-aliases.js";

export default defineConfig({
  resolve: {
    // One copy of every class: tests, and what they import across packages, all run from source.
    // Child processes (the CLI) run the build in dist/, which `npm test` makes first.
    alias: [
      ...["client", "store", "kvasir"].flatMap((folder) =>
        Object.entries(sourceAliases(folder)).map(([path, replacement]) => ({
          find: new RegExp(`^${path}$`),
          replacement,
        })),
      ),
    ],
  },
  test: {
    include: ["packages/*/{src,runtime}/**/*.test.ts", "testing/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Programs that are started take their time on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    // Files share two cores with the servers they start.
    maxWorkers: 2,
  },
});
