/** One sample of a metric. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const VALUE = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|[+-]Inf|NaN)$/i;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: [""],
  gauge: [""],
  histogram: ["_bucket", "_sum", "_count"],
  summary: ["", "_sum", "_count"],
};

/**
 * Parses Prometheus's text format, version 0.0.4, and is stricter than Prometheus: each family is announced by HELP and
 * TYPE, once, and stands in one place; no sample appears twice; the buckets of a histogram are cumulative and complete;
 * counters end in `_total` and are not negative; no metric of Kvasir that is no counter ends so.
 *
 * @throws Error with the line that is wrong
 */
export function parsePrometheusText(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith("\n")) throw new Error("The last line does not end");
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let help: { readonly name: string; readonly text: string } | undefined;
  let current: Family | undefined;
  for (const line of text.split("\n")) {
    const fail = (why: string): never => {
      throw new Error(`${why}: ${line}`);
    };
    if (line === "") continue;
    const [, word, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (word === "HELP") {
      if (families.has(name)) fail("Announced twice");
      help = { name, text: rest };
    } else if (word === "TYPE") {
      if (help?.name !== name) fail("TYPE without HELP");
      if (!NAME.test(name) || SUFFIXES[rest] === undefined) fail("Not a type");
      current = { name, type: rest, help: help?.text ?? "", samples: [] };
      families.set(name, current);
    } else if (line.startsWith("#")) {
      fail("A comment");
    } else {
      const sample = parseSample(line) ?? fail("Not a sample");
      const family = current ?? fail("A sample before its TYPE");
      if (!SUFFIXES[family.type]?.some((suffix) => sample.name === family.name + suffix))
        fail("Of another family");
      const identity = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      if (seen.has(identity)) fail("Twice");
      seen.add(identity);
      family.samples.push(sample);
    }
  }
  for (const family of families.values()) checkFamily(family);
  return families;
}

function parseSample(line: string): Sample | undefined {
  const [, name = "", labelText, valueText = ""] = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (!NAME.test(name) || !VALUE.test(valueText)) return undefined;
  const labels: Record<string, string> = {};
  let rest = labelText ?? "";
  while (rest !== "") {
    const [whole = "", label = "", value = ""] =
      /^([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/.exec(rest) ?? [];
    if (whole === "" || label in labels) return undefined;
    labels[label] = value;
    rest = rest.slice(whole.length);
  }
  return { name, labels, value: Number(valueText.replace("Inf", "Infinity")) };
}

function checkFamily({ name, type, help, samples }: Family): void {
  if (help === "") throw new Error(`${name} has no HELP`);
  const grows = type === "counter" || type === "histogram";
  // Node's own metrics have gauges with such names.
  const isNamedSo = name.endsWith("_total") && (type === "counter" || name.startsWith("kvasir_"));
  if (isNamedSo !== (type === "counter")) throw new Error(`${name} is a ${type}`);
  if (grows && samples.some(({ value }) => !(value >= 0))) throw new Error(`${name} is negative`);
  if (type !== "histogram") return;
  for (const { name: of, labels, value } of samples) {
    if (of !== `${name}_count`) continue;
    const key = (all: Sample["labels"]) =>
      JSON.stringify(Object.entries(all).filter(([label]) => label !== "le"));
    const buckets = samples.filter(
      (each) => each.name === `${name}_bucket` && key(each.labels) === key(labels),
    );
    const bounds = buckets.map((bucket) => Number((bucket.labels["le"] ?? "").replace("+Inf", "Infinity")));
    const isSorted = (numbers: readonly number[]) =>
      numbers.every((each, at) => at === 0 || each >= (numbers[at - 1] ?? 0));
    const isWhole = bounds.at(-1) === Number.POSITIVE_INFINITY && buckets.at(-1)?.value === value;
    if (!isSorted(bounds) || !isSorted(buckets.map((bucket) => bucket.value)) || !isWhole) {
      throw new Error(`The buckets of ${name}${key(labels)} are wrong`);
    }
  }
}
