import { describe, expect, it } from "vitest";
import { startApi, type TestApi } from "./api.js";

interface Event {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
}

/** The events of a stream, comments left out. */
async function* events(response: Response): AsyncGenerator<Event> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(part, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = block.split("\n").filter((line) => !line.startsWith(":"));
      if (fields.length > 0)
        yield Object.fromEntries(fields.map((line) => line.split(/: (.*)/s).slice(0, 2)));
    }
  }
}

async function watch(api: TestApi, query: string, headers: Record<string, string> = {}) {
  const controller = new AbortController();
  const init = { headers, signal: controller.signal };
  const response = await api.fetch(`${api.binding}/?watch=true${query}`, init);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  return { stream: events(response), end: () => controller.abort() };
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
    expect(JSON.parse(put.data as string)).toEqual({ key: "a\n1", version: Number(put.id) });
    expect(Number(deleted.id)).toBeGreaterThan(Number(put.id));
    end();
  });

  it("resumes where the last one ended, by query or by header", async () => {
    const api = await startApi();
    const kv = api.database.namespaceById(api.namespaceId);
    const { version } = await kv.put("a", "v", { ifAbsent: true });
    await kv.put("b", "v");
    for (const [query, headers] of [
      [`&since=${version}`, {}],
      ["&since=0", { "Last-Event-ID": String(version) }],
    ] as const) {
      const { stream, end } = await watch(api, query, headers);
      const { value } = await stream.next();
      expect(JSON.parse((value as Event).data as string).key).toBe("b");
      end();
    }
  });

  it("says that it is alive while nothing changes", async () => {
    const api = await startApi({ limits: { heartbeatIntervalMs: 10 } });
    const response = await api.fetch(`${api.binding}/?watch=true`);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = "";
    while (text.length < 9) text += Buffer.from((await reader.read()).value as Uint8Array).toString();
    expect(text).toMatch(/^(:\n\n){3}/);
    await reader.cancel();
  });

  it("ends with the server", async () => {
    const api = await startApi();
    const { stream } = await watch(api, "");
    const ended = stream.next();
    await api.server.close();
    expect((await ended).done).toBe(true);
  });
});
