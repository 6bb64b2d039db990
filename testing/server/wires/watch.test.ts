import { connect } from "@kvasir/client";
import { describe, expect, it } from "vitest";
import { startApi, type TestApi } from "../../harness/api.js";

interface Event {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
}

/** The events of a stream, without comments. */
async function* events(response: Response): AsyncGenerator<Event> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(part, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = block.split("\n").filter((line) => !line.startsWith(":"));
      const event: Event = Object.fromEntries(fields.map((line) => line.split(/: (.*)/s).slice(0, 2)));
      if (fields.length > 0) yield event;
    }
  }
}

async function watch(api: TestApi, query: string, headers: Record<string, string> = {}) {
  const controller = new AbortController();
  const init = { headers, signal: controller.signal };
  const response = await api.fetch(`${api.binding}/?watch=true${query}`, init);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const stream = events(response);
  const { value: start } = await stream.next();
  return { start: start as Event, stream, end: () => controller.abort() };
}

describe("a watch over HTTP", () => {
  it("sends changes under a prefix as they are made", async () => {
    const api = await startApi();
    const kv = api.database.namespaceById(api.namespaceId);
    const { stream, end } = await watch(api, "&prefix=a");
    await kv.put("a\n1", "v");
    await kv.put("b", "v");
    await kv.delete("a\n1");
    const put = (await stream.next()).value as Event;
    const deleted = (await stream.next()).value as Event;
    expect([put.event, deleted.event]).toEqual(["put", "delete"]);
    expect(JSON.parse(put.data as string)).toEqual({ key: "a\n1", version: expect.any(Number) });
    expect(deleted.id).not.toBe(put.id);
    end();
  });

  it("resumes where the last one ended, by query or by header", async () => {
    const api = await startApi();
    const kv = api.database.namespaceById(api.namespaceId);
    const first = await kv.position();
    await kv.put("a", "v");
    const response = await api.fetch(`${api.binding}/?position=true`);
    const { position } = (await response.json()) as { position: string };
    await kv.put("b", "v");
    for (const [query, headers] of [
      [`&since=${position}`, {}],
      [`&since=${first}`, { "Last-Event-ID": position }],
    ] as const) {
      const { stream, end } = await watch(api, query, headers);
      const { value } = await stream.next();
      expect(JSON.parse((value as Event).data as string).key).toBe("b");
      end();
    }
  });

  it("begins with the position to resume from when it is cut off before anything happens", async () => {
    const api = await startApi();
    const kv = api.database.namespaceById(api.namespaceId);
    await kv.put("before", "v");
    const { start, end } = await watch(api, "");
    end();
    expect(start).toEqual({ id: expect.stringMatching(/./) });
    await kv.put("meanwhile", "v");
    const again = await watch(api, "", { "Last-Event-ID": start.id as string });
    const { value } = await again.stream.next();
    expect(JSON.parse((value as Event).data as string).key).toBe("meanwhile");
    again.end();
  });

  it("gives an id to each change of a commit, to go on after it", async () => {
    const api = await startApi();
    const kv = api.database.namespaceById(api.namespaceId);
    const { stream, end } = await watch(api, "");
    await kv.atomic().put("a", "1").put("b", "1").delete("missing").commit();
    const first = (await stream.next()).value as Event;
    const last = (await stream.next()).value as Event;
    end();
    const { version } = JSON.parse(last.data as string);
    expect(first).toMatchObject({ event: "put", data: JSON.stringify({ key: "a", version, more: true }) });
    expect(last).toMatchObject({ event: "put", data: JSON.stringify({ key: "b", version }) });
    const again = await watch(api, "", { "Last-Event-ID": first.id as string });
    expect((await again.stream.next()).value).toEqual(last);
    again.end();
  });

  it.each(["5", "x y", "%00", "c1.0"])("refuses since=%s, which is no position", async (since) => {
    const api = await startApi();
    for (const [query, headers] of [
      [`&since=${encodeURIComponent(since)}`, {}],
      ["", { "Last-Event-ID": since }],
    ] as const) {
      const response = await api.fetch(`${api.binding}/?watch=true${query}`, { headers });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        error: { code: "bad_request", message: expect.stringContaining("Invalid position") },
      });
    }
  });

  it("says that it is alive while nothing changes", async () => {
    const api = await startApi({ limits: { heartbeatIntervalMs: 10 } });
    const response = await api.fetch(`${api.binding}/?watch=true`);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = "";
    while (text.split("\n\n").length < 5)
      text += Buffer.from((await reader.read()).value as Uint8Array).toString();
    expect(text).toMatch(/^:\n\nid: \w+\n\n(:\n\n){2}/);
    await reader.cancel();
  });

  it("moves the position to resume from on, also while nothing that it watches changes", async () => {
    const api = await startApi({ limits: { heartbeatIntervalMs: 10 } });
    const kv = api.database.namespaceById(api.namespaceId);
    const { start, stream, end } = await watch(api, "&prefix=rare:");
    await kv.put("frequent", "v");
    const position = await kv.position();
    const heartbeat = (await stream.next()).value as Event;
    expect(heartbeat).toEqual({ id: position });
    expect(heartbeat.id).not.toBe(start.id);
    // Sent once. No change is skipped by resuming there.
    await kv.put("rare:1", "v");
    expect((await stream.next()).value).toMatchObject({ event: "put" });
    end();
    const again = await watch(api, "&prefix=rare:", { "Last-Event-ID": heartbeat.id as string });
    const { value } = await again.stream.next();
    expect(JSON.parse((value as Event).data as string).key).toBe("rare:1");
    again.end();
  });

  it("ends with its reader, whether a change has come or not", async () => {
    const api = await startApi();
    const kv = connect({ url: api.url, namespace: api.namespaceId });
    const streams = async () =>
      /^kvasir_http_event_streams (\d+)$/m.exec(await (await api.fetch("/metrics")).text())?.[1];
    const waiting = kv.watch()[Symbol.asyncIterator]();
    const next = waiting.next();
    await expect.poll(streams).toBe("1");
    await waiting.return?.();
    expect((await next).done).toBe(true);
    await expect.poll(streams).toBe("0");
    const since = await kv.position();
    await kv.put("a", "");
    for await (const _ of kv.watch({ since })) break;
    await expect.poll(streams).toBe("0");
  });

  it("ends with the server", async () => {
    const api = await startApi();
    const { stream } = await watch(api, "");
    const ended = stream.next();
    await api.server.close();
    expect((await ended).done).toBe(true);
  });
});
