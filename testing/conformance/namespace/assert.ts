/**
 * The few assertions that the cases need. Without a test runner, because the cases also run inside a Worker.
 */
export interface Assert {
  /** Deep equality. Compares Maps in order and bytes by content. `undefined` properties count. */
  same(actual: unknown, expected: unknown, what?: string): void;
  ok(condition: unknown, what: string): void;
  /** Asserts that a call returns a promise (it never throws) that rejects as expected. */
  rejects(call: () => Promise<unknown>, expected: Rejection): Promise<void>;
}

/** The expected failure of a call. */
export interface Rejection {
  readonly name: string | readonly string[];
  /** The whole message, or a pattern for it. */
  readonly message?: string | RegExp;
  readonly code?: string;
}

/** A refusal by the backend, in Workers KV's words. */
export function refusal(verb: string, status: number, code: string, text: string): Rejection {
  // Native workerd rejects with a plain Error. Ours is an Error with a code and a name of its own.
  return { name: ["KvError", "Error"], message: `KV ${verb} failed: ${status} ${text}`, code };
}

export function typeError(message?: string | RegExp): Rejection {
  return message === undefined ? { name: "TypeError" } : { name: "TypeError", message };
}

/**
 * @param native Whether the namespace's methods are workerd's own. Those throw synchronously for some
 * arguments, and their errors have no code.
 */
export function createAssert({ native = false } = {}): Assert {
  return { same, ok, rejects: (call, expected) => rejects(call, expected, native) };
}

function same(actual: unknown, expected: unknown, what = "value"): void {
  if (!equal(actual, expected)) fail(`${what} is ${show(actual)}, expected ${show(expected)}`);
}

function ok(condition: unknown, what: string): void {
  if (!condition) fail(what);
}

async function rejects(call: () => Promise<unknown>, expected: Rejection, native: boolean): Promise<void> {
  const { name, message, code } = await failureOf(call, expected, native);
  const names = typeof expected.name === "string" ? [expected.name] : expected.name;
  const fits =
    names.includes(name ?? "") &&
    (expected.message === undefined ||
      (typeof expected.message === "string"
        ? message === expected.message
        : expected.message.test(message ?? ""))) &&
    (expected.code === undefined || code === expected.code || (native && name === "Error"));
  if (!fits) fail(`rejected with ${show({ name, message, code })}, expected ${show(expected)}`);
}

interface Failure {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
}

async function failureOf(
  call: () => Promise<unknown>,
  expected: Rejection,
  native: boolean,
): Promise<Failure> {
  let promise: Promise<unknown>;
  try {
    promise = call();
  } catch (error) {
    if (native) return error as Failure;
    return fail(`threw instead of rejecting: ${show(error)}`);
  }
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error as Failure;
  }
  return fail(`resolved with ${show(value)}, expected ${show(expected)}`);
}

class AssertionFailure extends Error {}

function fail(message: string): never {
  throw new AssertionFailure(message);
}

function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (isBytes(a) && isBytes(b)) return equalBytes(bytesOf(a), bytesOf(b));
  if (a instanceof Map && b instanceof Map) return equal([...a], [...b]);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every(
      (key) =>
        Object.hasOwn(b, key) &&
        equal((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  );
}

function isBytes(value: object): value is ArrayBuffer | Uint8Array {
  return value instanceof ArrayBuffer || value instanceof Uint8Array;
}

function bytesOf(value: ArrayBuffer | Uint8Array): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array(value);
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

function show(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  const text =
    value instanceof Map
      ? `Map ${JSON.stringify([...value])}`
      : value instanceof ArrayBuffer || value instanceof Uint8Array
        ? `${value.byteLength} bytes ${[...bytesOf(value).subarray(0, 16)]}`
        : (JSON.stringify(value, (_, part) => (part instanceof RegExp ? String(part) : part)) ??
          String(value));
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
