import { Console } from "node:console";
import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";

/** Prints with the methods for which workerd's own console prints nothing. Runs in Node and in a Worker. */
function print(console: Console): void {
  console.table([{ a: 1, b: "x" }, { a: 2, c: true }, 3]);
  console.table(new Map([["key", { a: 1 }]]));
  console.table(new Set(["one", "two"]));
  console.table([{ a: 1, b: 2 }], ["b"]);
  console.table([
    { a: [1, 2], b: { c: 1 } },
    { a: [1, 2, 3, 4, [5]], b: { c: 1, d: { e: 1 } } },
    { a: [], b: {} },
  ]);
  console.table([{ b: { c: 1, d: 2, e: 3 } }, { b: null }, { b: undefined }, { b: -0 }, { b: 10n }]);
  console.table("no table");
  console.dir({ a: { b: [1] } });
  console.group("outer", 1);
  console.log("in\nside");
  console.group();
  console.warn("deeper %s", "still");
  console.log({ an: "object" });
  console.groupEnd();
  console.info("back");
  console.groupEnd();
  console.groupEnd();
  console.log("outside");
  console.count();
  console.count("other");
  console.count();
  console.countReset();
  console.count();
  console.assert(true, "not printed");
  console.assert(false, "printed %s", "once");
  console.assert(false);
}

test("the console of a Worker prints what Node prints", async () => {
  let expected = "";
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      expected += chunk.toString();
      done();
    },
  });
  print(new Console({ stdout: sink, stderr: sink }));

  const project = new Project({
    "index.js": `${print.toString()}\nexport default { fetch() { print(console); console.log("end"); return new Response("printed"); } };`,
  });
  const running = await runFunctions([`${project.root}/index.js`]);
  try {
    await fetch(running.functions.url);
    await running.events.next("log", '"end"');
    const lines = running.events.all
      .filter((event) => event.event === "log" && event.function !== undefined)
      .map((event) => (event.event === "log" ? event.message : ""));
    expect(lines.slice(0, -1).join("\n").split("\n")).toEqual(expected.trimEnd().split("\n"));
  } finally {
    await running.close();
    project.remove();
  }
});
