import cluster from "node:cluster";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { serveParent } from "../../core/serve-parent.js";

/**
 * Sends the same response to every request. The first argument is `{ headers, body }`, with the body in
 * base64; the second is the number of processes.
 */
const [answerJson = "{}", processesText = "1"] = process.argv.slice(2);
const answer = JSON.parse(answerJson) as { readonly headers: Record<string, string>; readonly body: string };
const body = Buffer.from(answer.body, "base64");
const processes = Number(processesText);

const urlOf = ({ port }: AddressInfo) => `http://127.0.0.1:${port}`;

if (cluster.isPrimary && processes > 1) {
  let left = processes;
  cluster.on("listening", (_worker, { port }) => {
    if (--left === 0) serveParent({ url: urlOf({ port } as AddressInfo) });
  });
  for (let index = 0; index < processes; index++) cluster.fork();
} else {
  const server = createServer((request, response) => {
    // Reads the body to its end, as a server that stores it would.
    request.resume();
    request.once("end", () => {
      response.writeHead(200, answer.headers);
      response.end(body);
    });
  });
  server.listen(0, "127.0.0.1", () => {
    if (cluster.isPrimary) serveParent({ url: urlOf(server.address() as AddressInfo) });
  });
}
