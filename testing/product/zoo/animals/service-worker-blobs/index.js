addEventListener("fetch", (event) => event.respondWith(respond(event.request)));

const { add } = new WebAssembly.Instance(ADDER).exports;

// Such code runs in sloppy mode: a name needs no declaration, and functions have the global object as `this`.
visits = 0;

function isSloppy() {
  return this === globalThis;
}

async function respond(request) {
  switch (new URL(request.url).pathname) {
    case "/sum":
      return Response.json({ sum: add(20, 22) });
    case "/icon":
      return new Response(ICON, { headers: { "Content-Type": "image/x-icon" } });
    case "/visits":
      visits += 1;
      return Response.json({ visits, isGlobal: globalThis.visits === visits, isSloppy: isSloppy() });
    default:
      return new Response(PAGE, { headers: { "Content-Type": "text/html" } });
  }
}
