/** Worker: carries out the steps in the body of each request, and responds with their outcomes as JSON. */
export default {
  async fetch(request, env) {
    const outcomes = [];
    for (const step of await request.json()) outcomes.push(await outcomeOf(step, env));
    return Response.json(outcomes);
  },
};

async function outcomeOf(step, env) {
  try {
    return await carryOut(step, env);
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

async function carryOut({ op, cache: name, url, ...step }, env) {
  if (op === "limit") return await env[step.binding].limit(step.options);
  const cache = name === undefined ? caches.default : await caches.open(name);
  const { method, headers, cf, ignoreMethod } = step;
  const request = new Request(url, { method, headers, cf });
  if (op === "put") return (await cache.put(request, responseOf(step.response))) ?? "done";
  if (op === "delete") return await cache.delete(request, { ignoreMethod });
  const found = await cache.match(request, { ignoreMethod });
  return found === undefined ? null : await described(found);
}

function responseOf({ body, stream, ...init }) {
  if (stream === undefined) return new Response(body, init);
  const { readable, writable } = new TransformStream();
  const writer = writable.getWriter();
  void (async () => {
    for (const part of stream) await writer.write(new TextEncoder().encode(part));
    await writer.close();
  })();
  return new Response(readable, init);
}

async function described(response) {
  // Two clocks never agree to the second, and a boundary is random.
  const headers = [...response.headers].map(([name, value]) => [
    name,
    name === "date" ? "a date" : value.replace(/[\w-]+-boundary-[\w-]+/, "BOUNDARY"),
  ]);
  const body = (await response.text()).replaceAll(/[\w]+-boundary-[\w-]+/g, "BOUNDARY");
  return { status: response.status, headers, body };
}
