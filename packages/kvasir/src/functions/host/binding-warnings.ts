import type { WorkerConfig } from "../config/function-config.js";

/** One sentence for each binding that leads nowhere or that may not mean what is expected. */
export function bindingWarnings(
  { name, configPath, serviceBindings = [], durableObjects }: WorkerConfig,
  started: ReadonlySet<string>,
): readonly string[] {
  const where = configPath ?? name;
  const bound = [
    ...serviceBindings.map(({ binding, service }) => ({ binding, worker: service })),
    ...(durableObjects?.bindings ?? []).flatMap(({ binding, scriptName }) =>
      scriptName === undefined ? [] : [{ binding, worker: scriptName }],
    ),
  ];
  const missing = bound
    .filter(({ worker }) => !started.has(worker))
    .map(
      ({ binding, worker }) =>
        `${where}: ${binding} leads to the Worker ${worker}, which does not run, so its calls fail. Start both with one command: give the folder of ${worker} as a further path.`,
    );
  const unmigrated = durableObjects?.unmigrated ?? [];
  return unmigrated.length === 0
    ? missing
    : [
        ...missing,
        `${where}: no migration names the Durable Object class ${unmigrated.join(", ")}, so it has no SQL database. Add "migrations": [{ "tag": "v1", "new_sqlite_classes": ${JSON.stringify(unmigrated)} }].`,
      ];
}
