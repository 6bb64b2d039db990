import { WebSocket } from "ws";
import {
  CONTROL_TIMEOUT_MS,
  INSPECTOR_ATTEMPTS_MAX,
  INSPECTOR_QUEUE_MAX,
  INSPECTOR_RETRY_MS,
} from "../limits.js";
import { pause } from "../resources/timers.js";
import { Breakpoints } from "./breakpoints.js";
import { isBundle, lasts, type Message, parseMessage } from "./protocol.js";
import type { ScriptMap } from "./script-map.js";

/** Where a running function can be inspected. */
export interface InspectedWorker {
  /** workerd's WebSocket for it. */
  readonly url: string;
  /** @default its code was not bundled */
  readonly map?: ScriptMap | undefined;
}

/** Clients count their requests from small numbers. */
const FIRST_OWN_ID = 1_000_000_000;

/**
 * One debugger. It stays connected while workerds come and go: a new workerd gets the debugger's settings and
 * breakpoints again, and the debugger sees what it sees when a browser reloads a page.
 */
export class InspectorSession {
  readonly #client: WebSocket;
  /** The connection to the current workerd. */
  #runtime: WebSocket | undefined;
  #ready = false;
  #map: ScriptMap | undefined;
  #mapUrl: string | undefined;
  /** Requests to repeat in a new workerd, by method. */
  readonly #settings = new Map<string, Message>();
  readonly #breakpoints = new Breakpoints();
  /** The client's requests that have no response yet. */
  readonly #inFlight = new Map<number, Message>();
  /** Our own. */
  readonly #asked = new Map<number, (response: Message) => void>();
  #nextId = FIRST_OWN_ID;
  /** What the client sent while no workerd could take it. */
  #waiting: Message[] = [];
  #isPaused = false;

  constructor(client: WebSocket) {
    this.#client = client;
    client.on("message", (data) => {
      const message = parseMessage(String(data));
      if (message !== undefined) this.#fromClient(message);
    });
    client.on("close", () => this.#disconnect());
    client.on("error", () => client.terminate());
  }

  /** Connects to a workerd. Resolves when it has the client's breakpoints, or cannot take them. */
  async enter(worker: InspectedWorker): Promise<void> {
    this.#disconnect();
    const { map } = worker;
    const connecting = connect(worker.url);
    this.#runtime = connecting;
    const [mapUrl, runtime] = await Promise.all([map?.url(), responding(worker.url, connecting)]);
    if (this.#runtime !== connecting || runtime === undefined) {
      runtime?.terminate();
      return;
    }
    this.#runtime = runtime;
    const from = this.#map;
    this.#map = map;
    this.#mapUrl = mapUrl;
    runtime.on("message", (data) => {
      const message = parseMessage(String(data));
      if (message !== undefined && this.#runtime === runtime) this.#fromWorker(message);
    });
    runtime.on("close", () => {
      if (this.#runtime === runtime) this.leave();
    });
    await Promise.race([this.#repeat(from, map), pause(CONTROL_TIMEOUT_MS)]);
    if (this.#runtime !== runtime) return;
    this.#ready = true;
    for (const message of this.#waiting.splice(0)) this.#fromClient(message);
  }

  /** Disconnects from a workerd, which then continues if it was paused. */
  leave(): void {
    if (this.#runtime === undefined) return;
    this.#disconnect();
    for (const id of this.#inFlight.keys()) this.#tell({ id, error: REPLACED });
    this.#inFlight.clear();
    if (this.#isPaused) this.#tell({ method: "Debugger.resumed", params: {} });
    this.#isPaused = false;
    this.#tell({ method: "Runtime.executionContextsCleared", params: {} });
  }

  close(): void {
    this.#disconnect();
    this.#client.close(1001, "kvasir dev has ended.");
    this.#client.terminate();
  }

  #disconnect(): void {
    const runtime = this.#runtime;
    this.#runtime = undefined;
    this.#ready = false;
    // Paused code continues when the debugger is off, not when the connection is closed.
    if (runtime?.readyState === WebSocket.OPEN) {
      runtime.send(JSON.stringify({ id: this.#nextId++, method: "Debugger.disable" }));
    }
    runtime?.close();
    for (const answer of this.#asked.values()) answer({ error: REPLACED });
    this.#asked.clear();
  }

  async #repeat(from: ScriptMap | undefined, to: ScriptMap | undefined): Promise<void> {
    await Promise.all([...this.#settings.values()].map((message) => this.#ask(message)));
    await this.#breakpoints.setAgain({ from, to }, async (params) => {
      const { result } = await this.#ask({ method: "Debugger.setBreakpointByUrl", params });
      return result?.["breakpointId"] as string | undefined;
    });
  }

  #fromClient(message: Message): void {
    if (!this.#ready) {
      this.#waiting.push(message);
      if (this.#waiting.length > INSPECTOR_QUEUE_MAX) this.#client.terminate();
      return;
    }
    const { id, method = "", params = {} } = message;
    if (lasts(method)) this.#settings.set(method, { method, params });
    if (method.endsWith(".disable")) this.#settings.delete(method.replace(".disable", ".enable"));
    if (id !== undefined) this.#inFlight.set(id, message);
    if (method === "Debugger.setBreakpointByUrl") {
      const moved = this.#breakpoints.takeAt(params);
      if (moved !== undefined) {
        void this.#ask({ method: "Debugger.removeBreakpoint", params: { breakpointId: moved } });
      }
    }
    if (method === "Debugger.removeBreakpoint") {
      const breakpointId = this.#breakpoints.remove(String(params["breakpointId"]));
      this.#send({ ...message, params: { ...params, breakpointId } });
    } else {
      this.#send(message);
    }
  }

  #fromWorker(message: Message): void {
    const { id, result } = message;
    if (id === undefined) {
      this.#tell(this.#shown(message));
      return;
    }
    const answer = this.#asked.get(id);
    if (answer !== undefined) {
      this.#asked.delete(id);
      answer(message);
      return;
    }
    const request = this.#inFlight.get(id);
    this.#inFlight.delete(id);
    if (request?.method === "Debugger.setBreakpointByUrl" && result !== undefined) {
      this.#breakpoints.add(String(result["breakpointId"]), request.params ?? {});
    }
    this.#tell(message);
  }

  /** An event as the client sees it. */
  #shown(event: Message): Message {
    const { method, params = {} } = event;
    if (method === "Debugger.resumed") this.#isPaused = false;
    if (method === "Debugger.paused") {
      this.#isPaused = true;
      const hit = (params["hitBreakpoints"] ?? []) as readonly string[];
      const hitBreakpoints = hit.map((id) => this.#breakpoints.clientId(id));
      return { ...event, params: { ...params, hitBreakpoints } };
    }
    if (method === "Debugger.breakpointResolved") {
      const breakpointId = this.#breakpoints.clientId(String(params["breakpointId"]));
      return { ...event, params: { ...params, breakpointId } };
    }
    if (method === "Debugger.scriptParsed" && this.#mapUrl !== undefined && isBundle(params["url"])) {
      return { ...event, params: { ...params, sourceMapURL: this.#mapUrl } };
    }
    return event;
  }

  #ask(message: Message): Promise<Message> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#asked.set(id, resolve);
      this.#send({ ...message, id });
    });
  }

  #send(message: Message): void {
    this.#runtime?.send(JSON.stringify(message));
  }

  #tell(message: Message): void {
    if (this.#client.readyState === WebSocket.OPEN) this.#client.send(JSON.stringify(message));
  }
}

const REPLACED = { code: -32_000, message: "The Worker was replaced by a new version." };

function connect(url: string): WebSocket {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  // workerd ended, and its successor follows.
  socket.on("error", () => socket.terminate());
  return socket;
}

/**
 * workerd closes a connection that comes while it still closes that of the previous debugger.
 *
 * @returns a connection on which workerd responds, `undefined` if there is none
 */
async function responding(url: string, first: WebSocket): Promise<WebSocket | undefined> {
  let socket = first;
  for (let attempt = 1; !(await responds(socket)); attempt++) {
    if (attempt === INSPECTOR_ATTEMPTS_MAX) return undefined;
    await pause(INSPECTOR_RETRY_MS);
    socket = connect(url);
  }
  return socket;
}

function responds(socket: WebSocket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once("open", () => socket.send(JSON.stringify({ id: 0, method: "Runtime.getIsolateId" })));
    socket.once("message", () => resolve(true));
    socket.once("close", () => resolve(false));
  });
}
