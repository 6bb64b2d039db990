import { type Attack, assaults } from "../attack.js";
import { FLOOD_MS } from "../limits.js";

/** Requests whose responses the client does not wait for, or does not read. */
export const pipelineAttacks: readonly Attack[] = [
  {
    name: "pipelines that nobody reads, through Node's parser",
    async burst({ port, around }) {
      const get = `GET /openapi.json HTTP/1.1\r\nHost: ${around.host}\r\n\r\n`;
      await assaults(port, 20, () => ({
        parts: [`GET /healthz HTTP/1.1\r\nHost: ${around.host}\r\nTE: x\r\n\r\n`, get.repeat(512)],
        reads: false,
      }));
      return { requests: 20 * 513, connections: 20 };
    },
  },
  {
    name: "pipelines that nobody reads, of plain requests",
    async burst({ port, around }) {
      const get = `GET /openapi.json HTTP/1.1\r\nHost: ${around.host}\r\n\r\n`;
      await assaults(port, 20, () => ({ parts: [get.repeat(512)], reads: false }));
      return { requests: 20 * 512, connections: 20 };
    },
  },
  {
    name: "writes as fast as they go",
    async burst({ port, around, random }) {
      const not = random.chance(0.5) ? "TE: trailers\r\n" : "";
      const put =
        `PUT ${around.binding}/hostile%2Fpiped HTTP/1.1\r\nHost: ${around.host}\r\n${not}` +
        `Authorization: Bearer ${around.tokens.write}\r\nContent-Length: 5\r\n\r\nsmall`;
      const { responses } = await assaults(port, 2, () => ({ parts: repeatedFor(put.repeat(25), FLOOD_MS) }));
      return { requests: responses, connections: 2 };
    },
  },
  {
    name: "a new wrong token each time",
    async burst({ port, around, random }) {
      const get = () =>
        `GET ${around.binding}/key HTTP/1.1\r\nHost: ${around.host}\r\nAuthorization: Bearer ${random.next()}\r\n\r\n`;
      const parts = Array.from({ length: 50 }, () => Array.from({ length: 40 }, get).join(""));
      const { responses } = await assaults(port, 4, () => ({ parts }));
      return { requests: responses, connections: 4 };
    },
  },
  {
    name: "lists of large values that nobody reads",
    async burst({ port, around }) {
      const list =
        `GET ${around.binding}/?values=true&prefix=large%2F HTTP/1.1\r\nHost: ${around.host}\r\n` +
        `Authorization: Bearer ${around.tokens.read}\r\n\r\n`;
      await assaults(port, 60, () => ({ parts: [list], reads: false }));
      return { requests: 60, connections: 60 };
    },
  },
  {
    name: "bulk reads of large values that nobody reads",
    async burst({ port, around }) {
      const body = JSON.stringify({ keys: Array.from({ length: 100 }, (_, at) => `large/${at}`) });
      const read =
        `POST ${around.binding}/bulk/get HTTP/1.1\r\nHost: ${around.host}\r\nContent-Length: ${body.length}\r\n` +
        `Authorization: Bearer ${around.tokens.read}\r\n\r\n${body}`;
      await assaults(port, 30, () => ({ parts: [read.repeat(3)], reads: false }));
      return { requests: 90, connections: 30 };
    },
  },
];

function* repeatedFor(text: string, ms: number): Generator<string> {
  for (const deadline = performance.now() + ms; performance.now() < deadline; ) yield text;
}
