/**
 * One case of `vectors/operations.json`, which the clients of all languages run. In its steps `{ "repeat": [text, n] }`
 * stands for a long text, `{ "base64": … }` for bytes, `$name` for what an earlier step saved `as` that name, and
 * `$each` for one of the texts of the step `each`.
 */
export interface Vector {
  readonly what: string;
  /** The id of the namespace. @default that of a new one */
  readonly namespace?: string;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly do: string;
  /** The result, or a part of it. */
  readonly gives?: unknown;
  /** The code of the error, or one of several. */
  readonly fails?: string | readonly string[];
  /** Saves the version, the cursor or the position of the result. */
  readonly as?: string;
  readonly of?: readonly string[];
  readonly steps?: readonly Step[];
  readonly [argument: string]: unknown;
}

export type Saved = Readonly<Record<string, unknown>>;

/** The arguments of a step with values for all that stands for one. */
export function resolved(argument: unknown, saved: Saved): unknown {
  if (typeof argument === "string") return argument in saved ? saved[argument] : argument;
  if (Array.isArray(argument)) return argument.map((item) => resolved(item, saved));
  if (typeof argument !== "object" || argument === null) return argument;
  const { base64, repeat } = argument as { base64?: string; repeat?: [string, number] };
  if (base64 !== undefined) return new Uint8Array(Buffer.from(base64, "base64"));
  if (repeat !== undefined) return repeat[0].repeat(repeat[1]);
  const pairs = Object.entries(argument).map(([name, value]) => [
    String(resolved(name, saved)),
    resolved(value, saved),
  ]);
  return Object.fromEntries(pairs);
}
