import { type Axis, logAxis, percentileAxis } from "./axis.js";

/** One chart of the documentation. Its series are those of the results with its name. */
export interface Chart {
  readonly name: string;
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
}

const keys = logAxis("keys in the namespace", (count) => count.toLocaleString("en-US"));
const microseconds = logAxis("µs for one operation", String);
const percentiles = percentileAxis("percentile of the answers");
const milliseconds = logAxis("ms until the answer", String);

export const charts: readonly Chart[] = [
  { name: "growth-get", title: "get of a random key, by size of the namespace", x: keys, y: microseconds },
  { name: "growth-getHot", title: "get of one of 1,000 hot keys, by size", x: keys, y: microseconds },
  { name: "growth-list", title: "list page of 1,000 names, by size", x: keys, y: microseconds },
  { name: "growth-put", title: "durable put, 32 callers, by size", x: keys, y: microseconds },
  { name: "latency-get", title: "GET at a constant arrival rate", x: percentiles, y: milliseconds },
  { name: "latency-put", title: "durable PUT at a constant arrival rate", x: percentiles, y: milliseconds },
];
