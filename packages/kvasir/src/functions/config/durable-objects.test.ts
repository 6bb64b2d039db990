import { expect, it } from "vitest";
import { durableObjectsOf } from "./durable-objects.js";

const document = { path: "wrangler.json", value: {}, locate: () => "wrangler.json:3" };
const read = (raw: Parameters<typeof durableObjectsOf>[1]) => durableObjectsOf(document, raw, "worker");
const step = (tag: string, changes: object) => ({
  tag,
  new_classes: [],
  new_sqlite_classes: [],
  renamed_classes: [],
  transferred_classes: [],
  deleted_classes: [],
  ...changes,
});

it("classes are those that the migrations leave, and a renamed class keeps its key", () => {
  const migrations = [
    step("v1", { new_classes: ["Old"], new_sqlite_classes: ["Room", "Gone"] }),
    step("v2", { renamed_classes: [{ from: "Room", to: "Hall" }], deleted_classes: ["Gone"] }),
    step("v3", { new_sqlite_classes: ["Room", "Gone"] }),
  ];
  expect(read({ migrations }).classes).toEqual([
    { className: "Old", key: "worker-Old", sqlite: false },
    { className: "Hall", key: "worker-Room", sqlite: true },
    { className: "Room", key: "worker-Room-v3", sqlite: true },
    { className: "Gone", key: "worker-Gone-v3", sqlite: true },
  ]);
});

it("a migration of a class that is not there is refused by its key", () => {
  const migrations = [step("v1", { renamed_classes: [{ from: "A", to: "B" }] })];
  expect(() => read({ migrations })).toThrow(
    "wrangler.json:3: migrations[0].renamed_classes: there is no Durable Object class A at this point.",
  );
});

it("a class is created once", () => {
  const created = { new_sqlite_classes: ["A"] };
  expect(() => read({ migrations: [step("v1", created), step("v2", created)] })).toThrow(
    "wrangler.json:3: migrations[1].new_sqlite_classes: there is a Durable Object class A already.",
  );
});

it("classes can be declared by exports instead", () => {
  const exports = {
    Room: { type: "durable-object", state: "renamed", renamed_to: "Hall" },
    Hall: { type: "durable-object", storage: "sqlite" },
    Old: { type: "durable-object", storage: "legacy-kv" },
    Gone: { type: "durable-object", state: "deleted" },
    Api: { type: "worker" },
  };
  expect(read({ exports }).classes).toEqual([
    { className: "Hall", key: "worker-Room", sqlite: true },
    { className: "Old", key: "worker-Old", sqlite: false },
  ]);
});

it("a class that is only bound is there without SQL, and script_name leads elsewhere", () => {
  const bindings = [
    { name: "A", class_name: "Own", script_name: "worker" },
    { name: "B", class_name: "Theirs", script_name: "other", environment: "staging" },
  ];
  expect(read({ durable_objects: { bindings } })).toEqual({
    bindings: [
      { binding: "A", className: "Own", scriptName: undefined },
      { binding: "B", className: "Theirs", scriptName: "other-staging" },
    ],
    classes: [{ className: "Own", key: "worker-Own", sqlite: false }],
    unmigrated: ["Own"],
  });
});
