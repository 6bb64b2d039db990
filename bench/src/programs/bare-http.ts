import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { serveParent } from "../processes/serve-parent.js";

/** The same answer to everything: its first argument is `{ headers, body }`, with the body in base64. */
const answer = JSON.parse(process.argv[2] ?? "{}") as {
  readonly headers: Record<string, string>;
  readonly body: string;
};
const body = Buffer.from(answer.body, "base64");

const server = createServer((request, response) => {
  // A body is read to its end, as a server that means to keep it would.
  request.resume();
  request.once("end", () => {
    response.writeHead(200, answer.headers);
    response.end(body);
  });
});
server.listen(0, "127.0.0.1", () => {
  serveParent({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
