import { request } from "node:http";

/** Sends a body piece by piece, each when the previous one has come back. Returns what came back. */
export async function converse(url: string, pieces: readonly string[]): Promise<string[]> {
  const received: string[] = [];
  const sent = request(url, { method: "POST", headers: { "Transfer-Encoding": "chunked" } });
  const ended = new Promise<void>((resolve, reject) => {
    sent.on("error", reject);
    sent.on("response", (answer) => {
      answer.setEncoding("utf8");
      answer.on("data", (piece: string) => {
        received.push(piece);
        const next = pieces[received.length];
        if (next === undefined) sent.end();
        else sent.write(next);
      });
      answer.on("end", resolve);
    });
  });
  sent.write(pieces[0]);
  await ended;
  return received;
}
