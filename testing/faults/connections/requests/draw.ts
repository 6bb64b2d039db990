import type { Random } from "../../../harness/random.js";
import { type Dress, dressFor } from "../dress.js";
import type { Model } from "../model.js";
import type { Content, Expected, PlannedRequest, Surroundings } from "../planned-request.js";
import type { Response } from "../response.js";

/** The input for drawing the requests of one connection. */
export interface Draw {
  readonly random: Random;
  /** Without the connection's prefix. */
  readonly keys: readonly string[];
  /** The keys of counters. Only increments write to them. */
  readonly counters: readonly string[];
  /** The probability that the reader of plain requests does not accept a request. */
  readonly strange: number;
  /** Largest value, in bytes. */
  readonly valueBytesMax: number;
  /** Returns a different text for each request, so that no two values are equal. */
  mark(): string;
}

export interface RequestParts {
  readonly label: string;
  readonly hasBody?: boolean;
  readonly waits?: boolean;
  readonly mayEnd?: boolean;
  readonly dress?: Dress;
  content(around: Surroundings, model: Model): Content;
  execute(model: Model, response: Response | null, around: Surroundings): Expected;
}

export function planned(
  { random, strange }: Draw,
  { hasBody = false, waits = false, mayEnd = false, ...parts }: RequestParts,
): PlannedRequest {
  const dress = dressFor(random, { strange, hasBody });
  return { dress, waits, mayEnd: mayEnd || dress.last !== "no", ...parts };
}

const SIZES = [
  0, 1, 20, 20, 100, 100, 1024, 1025, 5000, 20_000, 65_535, 65_536, 65_537, 140_000, 300_000, 2_000_000,
];
const METADATA = [
  null,
  null,
  null,
  '{"a":1}',
  '"ü日"',
  '[1,"two",null]',
  JSON.stringify({ long: "m".repeat(900) }),
];
const TTLS = [null, null, null, 86_400, 900_000];

/** A recognisable value: it repeats the text drawn for it. Some values are not text. */
export function drawValue({ random, valueBytesMax, mark }: Draw): Buffer {
  const length = Math.min(random.pick(SIZES), valueBytesMax);
  const text = Buffer.from(`<${mark()}>`);
  const value = Buffer.alloc(length, text);
  if (length > 50 && random.chance(0.1)) value[length - 10] = 0xff;
  return value;
}

export function drawEntry(draw: Draw): { value: Buffer; metadata: string | null; ttlSeconds: number | null } {
  const { random } = draw;
  return { value: drawValue(draw), metadata: random.pick(METADATA), ttlSeconds: random.pick(TTLS) };
}

/** A key as one segment of a path. */
export function segment(around: Surroundings, key: string): string {
  return encodeURIComponent(around.prefix + key);
}
