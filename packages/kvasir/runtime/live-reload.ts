import {
  LIVE_RELOAD_MESSAGE,
  LIVE_RELOAD_PATH,
  LIVE_RELOAD_PROTOCOL,
  RELOAD_PAGES_PATH,
} from "../src/wire/live-reload.js";
import { leaving, waitUntilUncounted } from "./background.js";

/** How often a socket looks for news, in milliseconds. workerd ties sockets to the request that opened them. */
const LOOK_MS = 20;
const NORMAL_CLOSURE = 1000;

const SCRIPT = `
<script>
  (() => {
    const connect = () => {
      const address = location.origin.replace(/^http/, "ws") + ${JSON.stringify(LIVE_RELOAD_PATH)};
      const socket = new WebSocket(address, ${JSON.stringify(LIVE_RELOAD_PROTOCOL)});
      socket.onmessage = () => location.reload();
      socket.onclose = () => setTimeout(connect, 100);
    };
    connect();
  })();
</script>
`;

let reloads = 0;

/** Makes all pages reload if a control request asks for it. Returns `undefined` for other requests. */
export function reloadPages(request: Request, secret: string): Response | undefined {
  if (request.method !== "POST" || new URL(request.url).pathname !== `/${secret}/${RELOAD_PAGES_PATH}`) {
    return undefined;
  }
  reloads++;
  return new Response();
}

/** The socket on which a page waits for edits. Returns `undefined` for other requests. */
export function liveReloadSocket(request: Request): Response | undefined {
  const { headers, url } = request;
  if (headers.get("Upgrade") !== "websocket" || new URL(url).pathname !== LIVE_RELOAD_PATH) return undefined;
  if (headers.get("Sec-WebSocket-Protocol") !== LIVE_RELOAD_PROTOCOL) return undefined;
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  waitUntilUncounted(tellEdits(server));
  return new Response(null, {
    status: 101,
    webSocket: client,
    headers: { "Sec-WebSocket-Protocol": LIVE_RELOAD_PROTOCOL },
  });
}

async function tellEdits(socket: WebSocket): Promise<void> {
  const seen = reloads;
  let closed = false;
  for (const event of ["close", "error"] as const) {
    socket.addEventListener(event, () => {
      closed = true;
    });
  }
  while (!closed) {
    const left = leaving();
    if (left === "replaced" || reloads !== seen) socket.send(LIVE_RELOAD_MESSAGE);
    if (left !== undefined || reloads !== seen) {
      socket.close(NORMAL_CLOSURE);
      return;
    }
    await scheduler.wait(LOOK_MS);
  }
}

/** Adds a script to HTML that reloads the page after an edit. Other responses stay as they are. */
export function withLiveReload(request: Request, response: Response): Response {
  const { headers, body } = response;
  const isHtml = headers.get("Content-Type")?.toLowerCase().startsWith("text/html") === true;
  // The body may be compressed already.
  const isPlain = [null, "identity"].includes(headers.get("Content-Encoding"));
  if (!isHtml || !isPlain || body === null || request.method === "HEAD") return response;
  return new HTMLRewriter()
    .onDocument({ end: (end) => void end.append(SCRIPT, { html: true }) })
    .transform(response);
}
