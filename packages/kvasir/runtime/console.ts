import { table } from "./console-table.js";

/** workerd's console prints nothing for these methods. They print what Node prints. */
export function installConsole(): void {
  const target = console as unknown as Record<string, (...args: unknown[]) => void>;
  const { log, warn, error } = target as Record<"log" | "warn" | "error", (...args: unknown[]) => void>;
  const counts = new Map<string, number>();
  const timers = new Map<string, number>();
  const elapsed = (label: string) => `${label}: ${Date.now() - (timers.get(label) ?? 0)}ms`;
  const known = (label: string) => {
    if (!timers.has(label)) warn(`Timer '${label}' does not exist`);
    return timers.has(label);
  };
  const methods: Record<string, (...args: unknown[]) => void> = {
    table: (data, columns) => log(...table(data, columns)),
    dir: (value) => log(value),
    dirxml: (...values) => log(...values),
    group: (...label) => {
      if (label.length > 0) log(...label);
    },
    groupCollapsed: (...label) => {
      if (label.length > 0) log(...label);
    },
    count(name = "default") {
      const label = String(name);
      counts.set(label, (counts.get(label) ?? 0) + 1);
      log(`${label}: ${counts.get(label)}`);
    },
    countReset(name = "default") {
      if (!counts.delete(String(name))) warn(`Count for '${String(name)}' does not exist`);
    },
    assert(condition, ...data) {
      if (condition) return;
      const [first, ...rest] = data;
      if (typeof first === "string") error(`Assertion failed: ${first}`, ...rest);
      else error(...(data.length === 0 ? ["Assertion failed"] : ["Assertion failed:", ...data]));
    },
    trace(...data) {
      const stack = new Error().stack ?? "";
      log("Trace:", ...data, `\n${stack.split("\n").slice(2).join("\n")}`);
    },
    time: (name = "default") => void timers.set(String(name), Date.now()),
    timeLog(name = "default", ...data) {
      if (known(String(name))) log(elapsed(String(name)), ...data);
    },
    timeEnd(name = "default") {
      if (!known(String(name))) return;
      log(elapsed(String(name)));
      timers.delete(String(name));
    },
  };
  for (const [name, print] of Object.entries(methods)) {
    const native = target[name];
    target[name] = (...args) => {
      // A debugger shows its own form.
      native?.apply(target, args);
      print(...args);
    };
  }
}
