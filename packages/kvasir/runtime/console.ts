import { table } from "./console-table.js";

type Print = (...args: unknown[]) => void;

/** How far each group moves its lines to the right, as in Node. */
const GROUP_INDENT = "  ";

/** workerd's console prints nothing for these methods, and does not indent groups. They print what Node prints. */
export function installConsole(): void {
  const target = console as unknown as Record<string, Print>;
  let indent = "";
  for (const name of ["debug", "error", "info", "log", "warn"]) {
    const native = (target[name] as Print).bind(target);
    target[name] = (...args) => native(...(indent === "" ? args : indented(args, indent)));
  }
  const { log, warn, error } = target as Record<"log" | "warn" | "error", Print>;
  const counts = new Map<string, number>();
  const timers = new Map<string, number>();
  const elapsed = (label: string) => `${label}: ${Date.now() - (timers.get(label) ?? 0)}ms`;
  const known = (label: string) => {
    if (!timers.has(label)) warn(`Timer '${label}' does not exist`);
    return timers.has(label);
  };
  const group: Print = (...label) => {
    if (label.length > 0) log(...label);
    indent += GROUP_INDENT;
  };
  const methods: Record<string, Print> = {
    table: (data, columns) => log(...table(data, columns)),
    dir: (value) => log(value),
    dirxml: (...values) => log(...values),
    group,
    groupCollapsed: group,
    groupEnd() {
      indent = indent.slice(GROUP_INDENT.length);
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
      const frames = stack.split("\n").slice(2).join("\n");
      const [first, ...rest] = data;
      // A format string must stay first.
      if (typeof first === "string") error(`Trace: ${first}`, ...rest, `\n${frames}`);
      else error("Trace:", ...data, `\n${frames}`);
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

function indented([first, ...rest]: readonly unknown[], indent: string): readonly unknown[] {
  if (typeof first === "string") return [indent + first.replaceAll("\n", `\n${indent}`), ...rest];
  // The console puts a space between its arguments.
  return [indent.slice(1), first, ...rest];
}
