// Describes what getPlatformProxy() gives to a dev server, as one line of JSON. The first argument is the package
// that it is imported from.
const { getPlatformProxy } = await import(process.argv[2]);

/** The outcome of a call: its value, or the class and the text of its error. Ours are subclasses with codes. */
async function outcome(call) {
  try {
    const value = await call();
    return value === undefined ? "undefined" : value;
  } catch (error) {
    return `${error instanceof TypeError ? "TypeError" : "Error"}: ${error.message}`;
  }
}

/** The types of all members, so that values that differ between two machines can be compared. */
function types(value) {
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([name, member]) => [name, types(member)]),
  );
}

async function describeNamespace(kv) {
  const { keys, list_complete } = await (async () => {
    await kv.put("text", "one", { metadata: { by: "probe" } });
    await kv.put("json", JSON.stringify({ n: 1 }), { expirationTtl: 3600 });
    await kv.put("bytes", new Uint8Array([0, 255]));
    return await kv.list({ prefix: "" });
  })();
  return {
    keys: keys.map(({ name, metadata, expiration }) => ({ name, metadata, expiration: typeof expiration })),
    list_complete,
    text: await kv.get("text"),
    json: await kv.get("json", "json"),
    typed: await kv.get("json", { type: "json", cacheTtl: 60 }),
    bytes: [...new Uint8Array(await kv.get("bytes", "arrayBuffer"))],
    stream: await new Response(await kv.get("text", "stream")).text(),
    several: [...(await kv.get(["text", "none"]))],
    metadata: (await kv.getWithMetadata("text")).metadata,
    severalWithMetadata: (await kv.getWithMetadata(["text"])).get("text"),
    none: await kv.get("none"),
    deleted: await outcome(() => kv.delete("text")),
    afterwards: await kv.get("text"),
    emptyKey: await outcome(() => kv.put("", "x")),
    shortTtl: await outcome(() => kv.put("k", "x", { expirationTtl: 1 })),
    wrongType: await outcome(() => kv.get("json", "xml")),
  };
}

async function describeLimit(limiter) {
  const calls = [];
  for (let n = 0; n < 3; n += 1) calls.push((await limiter.limit({ key: "a" })).success);
  return {
    calls,
    other: await outcome(() => limiter.limit({ key: "b" })),
    nothing: await outcome(() => limiter.limit()),
    unknown: await outcome(() => limiter.limit({ name: "a" })),
    wrong: await outcome(() => limiter.limit({ key: 1 })),
    period: await outcome(() => limiter.limit({ key: "a", period: 7 })),
  };
}

async function describeCaches(caches) {
  const opened = await caches.open("x");
  return {
    put: await outcome(() => caches.default.put("http://a/", new Response("a"))),
    match: await outcome(() => caches.default.match("http://a/")),
    delete: await outcome(() => opened.delete("http://a/")),
    has: await outcome(() => caches.has("x")),
    keys: await outcome(() => caches.keys()),
    members: Object.keys(caches),
  };
}

const proxy = await getPlatformProxy();
const { env, cf, ctx, caches, dispose } = proxy;
const { waitUntil, passThroughOnException } = ctx;
const described = {
  members: Object.keys(proxy).sort(),
  env: Object.fromEntries(
    Object.entries(env)
      .sort()
      .map(([name, value]) => [name, typeof value]),
  ),
  vars: [env.TITLE, env.LIMITS, env.SECRET, types(env.VERSION)],
  kv: await describeNamespace(env.KV),
  limit: await describeLimit(env.LIMITER),
  points: await outcome(() => env.POINTS.writeDataPoint({})),
  cf: types(cf),
  frozen: [Object.isFrozen(cf), Object.isFrozen(cf.botManagement)],
  ctx: [
    ctx.waitUntil(Promise.resolve()) === undefined,
    ctx.passThroughOnException() === undefined,
    ctx.props,
    await outcome(() => waitUntil(Promise.resolve())),
    await outcome(() => passThroughOnException()),
  ],
  caches: await describeCaches(caches),
  disposed: await outcome(dispose),
};

/** Some members of another proxy, which is closed again. */
async function withOptions(options) {
  return await outcome(async () => {
    const other = await getPlatformProxy(options);
    const { TITLE, SECRET, FROM_FILE, KV } = other.env;
    const seen = { TITLE, SECRET, FROM_FILE, json: KV === undefined ? "no KV" : await KV.get("json") };
    await other.dispose();
    return seen;
  });
}

const options = {
  staging: await withOptions({ environment: "staging", remoteBindings: false }),
  memory: await withOptions({ configPath: "wrangler.json", persist: false, envFiles: ["more.env"] }),
  elsewhere: await withOptions({ persist: { path: "elsewhere" } }),
};
process.stdout.write(`\n${JSON.stringify({ described, options })}\n`);
process.exit(0);
