const upper = () =>
  new TransformStream<string, string>({
    transform: (part, controller) => controller.enqueue(part.toUpperCase()),
    flush: (controller) => controller.enqueue("."),
  });

export default {
  async fetch(request: Request, env: any, ctx: any): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/upper") {
      const text = request.body?.pipeThrough(new TextDecoderStream()).pipeThrough(upper());
      return new Response(text?.pipeThrough(new TextEncoderStream()));
    }
    if (pathname === "/events") {
      const { readable, writable } = new TransformStream();
      const writer = writable.getWriter();
      const encoder = new TextEncoder();
      const write = async () => {
        for (let id = 1; id <= 3; id += 1) {
          await writer.write(encoder.encode(`id: ${id}\ndata: {"tick":${id}}\n\n`));
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
        await writer.close();
      };
      ctx.waitUntil(write());
      return new Response(readable, {
        headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" },
      });
    }
    if (pathname === "/gzip") {
      const packed = new Blob(["packed ".repeat(100)]).stream().pipeThrough(new CompressionStream("gzip"));
      return new Response(packed.pipeThrough(new DecompressionStream("gzip")));
    }
    if (request.method === "PUT") {
      await env.FILES.put(pathname, request.body);
      return new Response(null, { status: 201 });
    }
    const stream = await env.FILES.get(pathname, "stream");
    if (stream === null) return new Response("none", { status: 404 });
    const [one, two] = stream.tee();
    const length = (await new Response(one).arrayBuffer()).byteLength;
    const { readable, writable } = new FixedLengthStream(length);
    ctx.waitUntil(two.pipeTo(writable));
    return new Response(readable, { headers: { "X-Length": String(length) } });
  },
};
