// The Worker that runs programs. The test posts a list of programs and gets the outcomes of their operations.

const VIEWS = { Uint8Array, Uint16Array, DataView };

const WRITERS = {
  undefined: () => undefined,
  nan: () => Number.NaN,
  infinity: () => Number.POSITIVE_INFINITY,
  bigint: () => 7n,
  symbol: () => Symbol("s"),
  function: () => () => 1,
  date: () => new Date(0),
  blob: () => new Blob(["blob"]),
  map: () => new Map([["a", 1]]),
  circular: () => {
    const value = {};
    value.self = value;
    return value;
  },
  repeat: ({ text, times }) => text.repeat(times),
  // A view does not begin where its buffer begins.
  bytes: ({ bytes, view }) => {
    const buffer = Uint8Array.from([9, 9, ...bytes, 9, 9]).buffer;
    if (view === "ArrayBuffer") return buffer.slice(2, 2 + bytes.length);
    const length = Math.floor(bytes.length / (VIEWS[view].BYTES_PER_ELEMENT ?? 1));
    return new VIEWS[view](buffer, 2, length);
  },
  stream: ({ chunks }) =>
    new ReadableStream({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
        controller.close();
      },
    }),
  cursor: (_value, state) => state.cursor,
};

function decode(value, state) {
  if (Array.isArray(value)) return value.map((item) => decode(item, state));
  if (typeof value !== "object" || value === null) return value;
  if ("$" in value) return WRITERS[value.$](value, state);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, decode(item, state)]));
}

async function encode(value) {
  if (value === undefined) return { $: "undefined" };
  if (typeof value === "string" && value.length > 200) {
    return { $: "long", length: value.length, start: value.slice(0, 20), end: value.slice(-20) };
  }
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof ArrayBuffer) return { $: "ArrayBuffer", bytes: shortened(new Uint8Array(value)) };
  if (value instanceof ReadableStream) {
    return { $: "stream", bytes: shortened(new Uint8Array(await new Response(value).arrayBuffer())) };
  }
  if (value instanceof Map) {
    const entries = await Promise.all([...value].map(async ([key, item]) => [key, await encode(item)]));
    return { $: "Map", entries };
  }
  if (Array.isArray(value)) return await Promise.all(value.map(encode));
  const entries = await Promise.all(
    Object.entries(value).map(async ([name, item]) => [
      name,
      name === "cursor" ? "cursor" : await encode(item),
    ]),
  );
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function shortened(bytes) {
  return bytes.length > 200 ? [bytes.length, ...bytes.slice(0, 20)] : [...bytes];
}

async function run({ method, args, all }, kv, state) {
  if (all !== undefined) return await Promise.all(all.map((operation) => run(operation, kv, state)));
  try {
    const result = await kv[method](...args.map((arg) => decode(arg, state)));
    if (method === "list") state.cursor = result.cursor;
    return { value: await encode(result) };
  } catch (error) {
    return { name: error?.name, message: error?.message, type: error?.constructor?.name };
  }
}

async function clear(kv) {
  for (let page = { list_complete: false }; !page.list_complete; ) {
    page = await kv.list({ cursor: page.cursor });
    await Promise.all(page.keys.map(({ name }) => kv.delete(name)));
  }
}

export default {
  async fetch(request, env) {
    const outcomes = [];
    for (const program of await request.json()) {
      await clear(env.KV);
      const state = {};
      const ofProgram = [];
      for (const operation of program) ofProgram.push(await run(operation, env.KV, state));
      outcomes.push(ofProgram);
    }
    return Response.json(outcomes);
  },
};
