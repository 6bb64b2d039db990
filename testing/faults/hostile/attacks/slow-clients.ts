import { type Attack, assaults } from "../attack.js";
import { STALL_MS } from "../limits.js";

/** Clients that start many requests and finish none. */
export const slowAttacks: readonly Attack[] = [
  {
    name: "connections on which nothing comes",
    async burst({ port }) {
      await assaults(port, 300, () => ({ parts: [] }));
      return { requests: 0, connections: 300 };
    },
  },
  {
    name: "connections that come and go",
    async burst({ port, random }) {
      for (let turn = 0; turn < 10; turn++) {
        await assaults(port, 40, () => ({ parts: random.chance(0.5) ? ["GET"] : [], holdMs: 0 }));
      }
      return { requests: 0, connections: 400 };
    },
  },
  {
    name: "heads that come byte by byte",
    async burst({ port, around }) {
      const head = `GET /healthz HTTP/1.1\r\nHost: ${around.host}\r\nX-Slow: ${"s".repeat(100)}`;
      await assaults(port, 50, () => ({ parts: head, slowly: true }));
      return { requests: 50, connections: 50 };
    },
  },
  {
    name: "bodies that come byte by byte, with a wrong token or none",
    async burst({ port, around }) {
      await assaults(port, 50, (index) => {
        const token = index % 2 === 0 ? "Authorization: Bearer wrong\r\n" : "";
        const head = `PUT ${around.binding}/key HTTP/1.1\r\nHost: ${around.host}\r\n${token}Content-Length: 65536\r\n\r\n`;
        return { parts: [head, ..."x".repeat(200)], slowly: true };
      });
      return { requests: 50, connections: 50 };
    },
  },
  {
    name: "bodies that come byte by byte, with a token",
    async burst({ port, around }) {
      await assaults(port, 50, () => ({
        parts: [put(around.binding, around.tokens.write, 65_536), ..."x".repeat(200)],
        slowly: true,
      }));
      return { requests: 50, connections: 50 };
    },
  },
  {
    name: "bulk uploads that stall",
    async burst({ port, around }) {
      const head =
        `PUT ${around.cloudflare}/bulk HTTP/1.1\r\nHost: ${around.host}\r\nAuthorization: Bearer ${around.tokens.write}\r\n` +
        'Content-Length: 90000000\r\n\r\n[{"key":"k","value":';
      await assaults(port, 4, () => ({ parts: [head], holdMs: STALL_MS }));
      return { requests: 4, connections: 4 };
    },
  },
  {
    name: "uploads that are cut off",
    async burst({ port, around, random }) {
      const part = Buffer.alloc(65_536, "cut off ");
      await assaults(port, 10, () => ({
        parts: [put(around.binding, around.tokens.write, 20_000_000), ...Array(random.below(40)).fill(part)],
        holdMs: 50,
      }));
      return { requests: 10, connections: 10 };
    },
  },
  {
    name: "clients that wait for leave, and send no body",
    async burst({ port, around }) {
      const head = put(around.binding, around.tokens.write, 1000).replace(
        "\r\n",
        "\r\nExpect: 100-continue\r\n",
      );
      await assaults(port, 100, () => ({ parts: [head] }));
      return { requests: 100, connections: 100 };
    },
  },
  {
    name: "watches that are opened and dropped",
    async burst({ port, around, random }) {
      const method = random.pick(["GET", "GET", "HEAD"]);
      const watch =
        `${method} ${around.binding}/?watch=true&prefix=hostile HTTP/1.1\r\nHost: ${around.host}\r\n` +
        `Authorization: Bearer ${around.tokens.read}\r\n\r\n`;
      await assaults(port, 200, () => ({ parts: [watch], reads: random.chance(0.5), holdMs: 30 }));
      return { requests: 200, connections: 200 };
    },
  },
];

function put(binding: string, token: string, length: number): string {
  return (
    `PUT ${binding}/hostile%2Fslow HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n` +
    `Content-Length: ${length}\r\n\r\n`
  );
}
