import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    // One copy of every class: tests, and what they import across packages, all run from source.
    // Child processes (the CLI) run the build in dist/, which `npm test` makes first.
    alias: [
      {
        find: /^@kvasir\/client\/recipes(\/hono|\/express)?$/,
        replacement: source("packages/client/src/recipes$1/index.ts"),
      },
      { find: /^@kvasir\/client$/, replacement: source("packages/client/src/index.ts") },
      { find: /^@kvasir\/store$/, replacement: source("packages/store/src/index.ts") },
      { find: /^kvasir$/, replacement: source("packages/kvasir/src/index.ts") },
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
