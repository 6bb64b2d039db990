import { Random } from "../../harness/random.js";
import type { PlannedRequest } from "./planned-request.js";
import { bulkRequests } from "./requests/bulk.js";
import { cloudflareRequests } from "./requests/cloudflare.js";
import type { Draw } from "./requests/draw.js";
import { entryRequests } from "./requests/entries.js";
import { malformedRequests } from "./requests/malformed.js";
import { rangeRequests } from "./requests/ranges.js";
import { refusedRequests } from "./requests/refused.js";

/** A request, and how its bytes are sent. */
export interface Step {
  readonly request: PlannedRequest;
  /** The lengths of the pieces in which it is written, in turn. */
  readonly pieces: readonly number[];
  /** Turns of the event loop between two pieces. */
  readonly pause: number;
  /** Whether it is sent in one write with the next step. */
  readonly joins: boolean;
}

/** How a client disconnects. The last four happen within the last request, after this share of its bytes. */
export type Ending =
  | { readonly how: "after the last response" | "half-closed after the last request" }
  | { readonly how: "half-closed" | "closed" | "reset"; readonly share: number };

/** Everything that one connection does. Keys, values and bytes are the same for the same seed. */
export interface SessionPlan {
  /** `seed:lane:session` */
  readonly name: string;
  readonly steps: readonly Step[];
  /** Whether the client reads only when it has written everything or the server accepts no more. */
  readonly readsLate: boolean;
  readonly ending: Ending;
  /** Whether another connection watches the changes of this one. */
  readonly isWatched: boolean;
}

/** Keys that are hard to transport: reserved characters, dots, other scripts, nearly the longest. */
const KEYS = [
  "a",
  "b",
  "b/2",
  "ü-日-😀",
  "with space",
  "100%",
  "a?b#c&d=e",
  "..",
  "%2e%2e",
  '"quoted"',
  "k".repeat(400),
];

/** The probability, by connection, that the reader of plain requests does not accept a request. */
const STRANGE = [0, 0.05, 0.3, 1];

/** Kinds of connections. The first is drawn most often. */
const SHAPES = [
  { requests: [3, 8, 12], valueBytesMax: 300_000, joins: 0.5, refused: 0.15 },
  { requests: [3, 8, 12], valueBytesMax: 300_000, joins: 0.5, refused: 0.15 },
  { requests: [8], valueBytesMax: 2_000_000, joins: 0.2, refused: 0.1 },
  // Deep pipelines, in which the server's reads split heads.
  { requests: [150, 400], valueBytesMax: 1025, joins: 0.97, refused: 0.02 },
  { requests: [12], valueBytesMax: 5000, joins: 0.5, refused: 0.8 },
] as const;

export function planSession(name: string): SessionPlan {
  const random = new Random(numberOf(name));
  const shape = random.pick(SHAPES);
  let marks = 0;
  const draw: Draw = {
    random,
    keys: KEYS.filter(() => random.chance(0.3))
      .concat(["first", "second"])
      .slice(-5),
    counters: ["count-1", "count-2"],
    strange: random.pick(STRANGE),
    valueBytesMax: shape.valueBytesMax,
    mark: () => `${name}#${++marks}`,
  };
  const count = random.pick(shape.requests);
  const steps = Array.from({ length: count }, () => drawStep(draw, shape));
  if (random.chance(0.15))
    steps.splice(random.below(count) + 1, 0, stepOf(draw, random.pick(malformedRequests)(), 0.5));
  const readsLate = random.chance(0.2);
  return { name, steps, readsLate, ending: drawEnding(random), isWatched: random.chance(0.25) };
}

function drawStep(draw: Draw, { refused, joins }: (typeof SHAPES)[number]): Step {
  const { random } = draw;
  const topic = random.next();
  const kinds = random.chance(refused)
    ? refusedRequests
    : topic < 0.5
      ? entryRequests
      : topic < 0.65
        ? cloudflareRequests
        : topic < 0.85
          ? rangeRequests
          : bulkRequests;
  return stepOf(draw, random.pick(kinds)(draw), joins);
}

function stepOf({ random }: Draw, request: PlannedRequest, joins: number): Step {
  return {
    request,
    pieces: drawPieces(random),
    pause: random.pick([1, 1, 1, 3, 10]),
    joins: random.chance(joins),
  };
}

const WHOLE = [Number.POSITIVE_INFINITY];

function drawPieces(random: Random): readonly number[] {
  const dice = random.next();
  if (dice < 0.5) return WHOLE;
  if (dice < 0.6) return [1];
  if (dice < 0.8) return [1 + random.below(300), Number.POSITIVE_INFINITY];
  return [random.pick([2, 50, 1000, 20_000]), random.pick([1, 70, 65_536])];
}

function drawEnding(random: Random): Ending {
  const dice = random.next();
  if (dice < 0.6) return { how: "after the last response" };
  if (dice < 0.75) return { how: "half-closed after the last request" };
  return {
    how: random.pick(["half-closed", "closed", "reset"]),
    share: random.pick([0, 0.02, 0.5, 0.98, 1]),
  };
}

/** A number for each name (FNV-1a). */
function numberOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const character of name) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return hash >>> 0;
}
