addEventListener("fetch", (event) => event.respondWith(respond(event.request)));

const { add } = new WebAssembly.Instance(ADDER).exports;

async function respond(request) {
  switch (new URL(request.url).pathname) {
    case "/sum":
      return Response.json({ sum: add(20, 22) });
    case "/icon":
      return new Response(ICON, { headers: { "Content-Type": "image/x-icon" } });
    default:
      return new Response(PAGE, { headers: { "Content-Type": "text/html" } });
  }
}
