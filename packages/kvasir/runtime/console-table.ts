const INDEX = "(index)";
const VALUES = "Values";

/** What `console.table` prints, as arguments of `console.log`: a table as Node draws it, or the data itself. */
export function table(data: unknown, columns?: unknown): readonly unknown[] {
  if (typeof data !== "object" || data === null) return data === undefined ? [] : [data];
  const isMap = data instanceof Map;
  const rows: readonly (readonly [string, unknown])[] =
    isMap || data instanceof Set
      ? Array.from(data.values(), (value, at) => [String(at), value] as const)
      : Object.entries(data);
  const names = new Set<string>(Array.isArray(columns) ? columns.map(String) : []);
  // The values of a map or a set are shown in one column.
  const isRow = (row: unknown): row is Record<string, unknown> =>
    !isMap && !(data instanceof Set) && typeof row === "object" && row !== null;
  const hasValues = rows.some(([, row]) => !isRow(row));
  if (!Array.isArray(columns)) {
    for (const [, row] of rows) if (isRow(row)) for (const name of Object.keys(row)) names.add(name);
  }
  const keys = isMap ? Array.from(data.keys(), shown) : [];
  const head = [
    isMap || data instanceof Set ? "(iteration index)" : INDEX,
    ...(isMap ? ["Key"] : []),
    ...names,
    ...(hasValues ? [VALUES] : []),
  ];
  const body = rows.map(([index, row], at) => [
    index,
    ...(isMap ? [keys[at] ?? ""] : []),
    ...Array.from(names, (name) => (isRow(row) && Object.hasOwn(row, name) ? shown(row[name]) : "")),
    ...(hasValues ? [isRow(row) ? "" : shown(row)] : []),
  ]);
  return ["%s", drawn(head, body)];
}

/** How many elements of an array a cell shows, and how many properties of an object. Node's bounds. */
const ELEMENTS_MAX = 3;
const PROPERTIES_MAX = 2;

/** A cell: small objects and arrays are shown, and what is inside of them is only named, as in Node. */
function shown(value: unknown): string {
  if (Array.isArray(value)) {
    const more = value.length - ELEMENTS_MAX;
    const elements = value.slice(0, ELEMENTS_MAX).map(named);
    if (more > 0) elements.push(`... ${more} more item${more === 1 ? "" : "s"}`);
    return elements.length === 0 ? "[]" : `[ ${elements.join(", ")} ]`;
  }
  if (typeof value !== "object" || value === null || value instanceof Date) return named(value);
  const properties = Object.entries(value).map(([key, inner]) => `${key}: ${named(inner)}`);
  if (properties.length > PROPERTIES_MAX) return "[Object]";
  return properties.length === 0 ? "{}" : `{ ${properties.join(", ")} }`;
}

function named(value: unknown): string {
  if (typeof value === "string")
    return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n")}'`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `[Function: ${value.name || "(anonymous)"}]`;
  if (Array.isArray(value)) return "[Array]";
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : String(value);
  if (value instanceof Date) return value.toISOString();
  return "[Object]";
}

function drawn(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map(
    (name, at) =>
      Math.max(...[name, ...body.map((row) => row[at] ?? "")].map((text) => [...text].length)) + 2,
  );
  const bar = (left: string, middle: string, right: string) =>
    left + widths.map((width) => "─".repeat(width)).join(middle) + right;
  const line = (cells: readonly string[]) =>
    `│${widths.map((width, at) => ` ${cells[at] ?? ""}`.padEnd(width)).join("│")}│`;
  return [bar("┌", "┬", "┐"), line(head), bar("├", "┼", "┤"), ...body.map(line), bar("└", "┴", "┘")].join(
    "\n",
  );
}
