import * as v from "valibot";
import { FunctionError } from "../../failure/function-error.js";
import type { ConfigDocument } from "./config-document.js";
import { workerName } from "./function-name.js";
import { likeThis } from "./like-this.js";

/** A namespace of Durable Objects, as a member of `env`. */
export interface ObjectBinding {
  readonly binding: string;
  readonly className: string;
  /** The Worker that exports the class. @default the Worker itself */
  readonly scriptName: string | undefined;
}

/** A class of Durable Objects that the Worker itself exports. */
export interface ObjectClass {
  readonly className: string;
  /** Names the folder of its data and decides its ids. It stays the same when the class is renamed. */
  readonly key: string;
  /** Whether the objects have a SQL database. */
  readonly sqlite: boolean;
}

export interface DurableObjects {
  readonly bindings: readonly ObjectBinding[];
  readonly classes: readonly ObjectClass[];
  /** Classes that are bound, but that no migration names. */
  readonly unmigrated: readonly string[];
}

const text = v.pipe(v.string("must be a string"), v.nonEmpty("must not be empty"));
const classNames = v.optional(v.array(text, "must be a list of class names"), []);

const binding = v.looseObject(
  { name: text, class_name: text, script_name: v.optional(text), environment: v.optional(text) },
  likeThis('{ "name": "COUNTER", "class_name": "Counter" }'),
);

const migration = v.looseObject(
  {
    tag: text,
    new_classes: classNames,
    new_sqlite_classes: classNames,
    renamed_classes: v.optional(
      v.array(
        v.looseObject({ from: text, to: text }, likeThis('{ "from": "Old", "to": "New" }')),
        "must be a list of renamed classes",
      ),
      [],
    ),
    transferred_classes: v.optional(
      v.array(
        v.looseObject(
          { from: text, from_script: text, to: text },
          likeThis('{ "from": "Old", "from_script": "worker", "to": "New" }'),
        ),
        "must be a list of transferred classes",
      ),
      [],
    ),
    deleted_classes: classNames,
  },
  likeThis('{ "tag": "v1", "new_sqlite_classes": ["Counter"] }'),
);

const exported = v.looseObject({
  type: v.optional(v.string()),
  state: v.optional(v.string()),
  storage: v.optional(v.string()),
  renamed_to: v.optional(text),
  transfer_from: v.optional(text),
});

export const durableObjectsEntries = {
  durable_objects: v.optional(
    v.looseObject(
      { bindings: v.array(binding, "must be a list of bindings") },
      likeThis('{ "bindings": [{ "name": "COUNTER", "class_name": "Counter" }] }'),
    ),
  ),
  migrations: v.optional(v.array(migration, "must be a list of migrations")),
  exports: v.optional(v.record(v.string(), exported, "must hold the Worker's exports")),
};

type Raw = v.InferOutput<v.ObjectSchema<typeof durableObjectsEntries, undefined>>;

/**
 * The Worker's Durable Objects. Its classes are those that the migrations leave, or that `exports` declares, and
 * those that are only bound.
 *
 * @throws FunctionError if a migration renames or deletes a class that does not exist then
 */
export function durableObjectsOf(document: ConfigDocument, raw: Raw, worker: string): DurableObjects {
  const bindings = (raw.durable_objects?.bindings ?? []).map(
    ({ name, class_name, script_name, environment }): ObjectBinding => ({
      binding: name,
      className: class_name,
      scriptName: otherScript(worker, script_name, environment),
    }),
  );
  const declared =
    raw.migrations === undefined ? exportedClasses(raw, worker) : migratedClasses(document, raw, worker);
  const own = bindings.filter(({ scriptName }) => scriptName === undefined);
  const unmigrated = [...new Set(own.map(({ className }) => className))].filter(
    (name) => !declared.has(name),
  );
  for (const name of unmigrated) declared.set(name, { key: `${worker}-${name}`, sqlite: false });
  return {
    bindings,
    classes: Array.from(declared, ([className, rest]) => ({ className, ...rest })),
    unmigrated,
  };
}

function otherScript(worker: string, script: string | undefined, environment: string | undefined) {
  if (script === undefined) return undefined;
  const name = workerName(environment === undefined ? script : `${script}-${environment}`);
  return name === worker ? undefined : name;
}

type Classes = Map<string, Omit<ObjectClass, "className">>;

function migratedClasses(document: ConfigDocument, { migrations = [] }: Raw, worker: string): Classes {
  const classes: Classes = new Map();
  const usedKeys = new Set<string>();
  for (const [at, step] of migrations.entries()) {
    const fail = (key: string, problem: string, hint: string): never => {
      const where = document.locate(["migrations", at, key]);
      throw new FunctionError(`${where}: migrations[${at}].${key}: ${problem}.`, { hint });
    };
    const create = (key: string, className: string, sqlite: boolean) => {
      if (classes.has(className)) {
        fail(key, `there is a Durable Object class ${className} already`, "Leave it out of this migration.");
      }
      const plain = `${worker}-${className}`;
      // A class that was deleted and created again starts without its old objects.
      const stored = usedKeys.has(plain) ? `${plain}-${step.tag.replace(/[^\w.-]+/g, "-")}` : plain;
      usedKeys.add(stored);
      classes.set(className, { key: stored, sqlite });
    };
    const take = (key: string, className: string) => {
      const found = classes.get(className);
      classes.delete(className);
      return (
        found ??
        fail(
          key,
          `there is no Durable Object class ${className} at this point`,
          `Name a class that an earlier migration creates, or let an earlier one create ${className}.`,
        )
      );
    };
    // In wrangler's order.
    for (const name of step.deleted_classes) take("deleted_classes", name);
    for (const { from, to } of step.renamed_classes) classes.set(to, take("renamed_classes", from));
    for (const { from, from_script, to } of step.transferred_classes) {
      classes.set(to, { key: `${workerName(from_script)}-${from}`, sqlite: true });
    }
    for (const name of step.new_classes) create("new_classes", name, false);
    for (const name of step.new_sqlite_classes) create("new_sqlite_classes", name, true);
  }
  return classes;
}

/** Classes of the newer `exports`, which wrangler takes instead of `migrations`. */
function exportedClasses({ exports = {} }: Raw, worker: string): Classes {
  const entries = Object.entries(exports).filter(([, { type }]) => type === "durable-object");
  const oldNames = new Map(
    entries.flatMap(([from, { renamed_to: to }]) => (to === undefined ? [] : [[to, from]])),
  );
  const originalName = (name: string): string => {
    const from = oldNames.get(name);
    if (from === undefined) return name;
    oldNames.delete(name);
    return originalName(from);
  };
  const live = entries.filter(
    ([, { state }]) => state === undefined || state === "created" || state === "expecting-transfer",
  );
  return new Map(
    live.map(([name, { storage, transfer_from: from }]) => [
      name,
      {
        key: `${from === undefined ? worker : workerName(from)}-${originalName(name)}`,
        sqlite: storage !== "legacy-kv",
      },
    ]),
  );
}
