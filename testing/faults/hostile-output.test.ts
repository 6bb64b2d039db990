/**
 * Faults tolerated here: a function that writes output that only Kvasir's own code should write, and files
 * whose state cannot be read. Both are read in callbacks of streams and watchers, where an exception would
 * end the process.
 */
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { FileWatcher } from "../../packages/kvasir/src/functions/host/file-watcher.js";
import { runFunctions } from "../harness/functions.js";
import { Project } from "../harness/project.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";

async function running(files: Record<string, string>, main: string) {
  const project = new Project(files);
  onTestFinished(() => project.remove());
  const functions = await runFunctions([join(project.root, main)]);
  onTestFinished(() => functions.close());
  return functions;
}

const REPORT = "\u0001kvasir:";

test.each([
  ["a report that is no JSON", `${REPORT}{`],
  ["a report that is no object", `${REPORT}null`],
  ["a report of nothing known", `${REPORT}{"type":"other"}`],
  ["a report without its parts", `${REPORT}{"type":"error"}`],
  ["a request without its parts", `${REPORT}{"type":"request","function":1}`],
  ["counts of requests without their parts", `${REPORT}{"type":"requests","function":"w"}`],
  [
    "counts of requests that are no counts",
    `${REPORT}{"type":"requests","function":"w","statuses":{"200":-1},"buckets":[1],"seconds":1}`,
  ],
  ["a frame before the first line", "Error\n    at x (user.js:0:1)"],
  ["a frame before the first column", "Error\n    at x (user.js:1:0)"],
])("a Worker may print %s", async (_, text) => {
  const source = `export default { fetch() { console.log(${JSON.stringify(text)}); console.log("after"); return new Response("ok"); } };`;
  const worker = await running({ "w.js": source }, "w.js");
  expect(await worker.text()).toBe("ok");
  await worker.events.next("log", "after");
  expect(await worker.text()).toBe("ok");
});

test.each([
  "{",
  "null",
  "1",
  "[]",
  '{"event":"loaded"}',
  '{"event":"error"}',
  '{"event":"pong","abandoned":"x"}',
])("a Python function may write %s where it tells what becomes of it", async (line) => {
  const source = `import os\n\nasync def handler(request):\n    os.write(4, ${JSON.stringify(`${line}\n`)}.encode())\n    print("after")\n    return "ok"\n`;
  const python = await running({ "f.py": source }, "f.py");
  expect(await python.text()).toBe("ok");
  await python.events.next("log", "after");
  expect(await python.text()).toBe("ok");
});

test("a watched file may become one that cannot be looked at", async () => {
  const path = join(temporaryDirectory(), "file");
  writeFileSync(path, "");
  const changed = new Set<string>();
  const watcher = new FileWatcher({
    onChange(paths) {
      for (const each of paths) changed.add(each);
    },
    onRefused: (error) => expect.unreachable(String(error)),
  });
  onTestFinished(() => watcher.close());
  watcher.watch({ files: [path] }, Date.now() + 1000);
  rmSync(path);
  // A link to itself: the system returns ELOOP, not ENOENT.
  symlinkSync("file", path);
  await expect.poll(() => changed.has(path)).toBe(true);
  watcher.watch({ files: [path] }, Date.now());
});
