import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";

/** A public internet host, simulated on this machine. */
export interface Origin {
  /** The environment variables that direct a program's HTTPS requests for the host here. */
  readonly variables: Readonly<Record<string, string>>;
  /** The number of requests received. */
  readonly requests: number;
  close(): Promise<void>;
}

/**
 * Simulates an HTTPS host: a server with a certificate of its own, behind a proxy that directs every
 * connection to it.
 *
 * @param folder The folder for the certificate.
 */
export async function startOrigin(
  host: string,
  folder: string,
  body: (request: number) => string,
): Promise<Origin> {
  const key = join(folder, "origin.key");
  const certificate = join(folder, "origin.pem");
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
      ...["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`],
      ...["-keyout", key, "-out", certificate],
    ],
    { stdio: "ignore" },
  );
  let requests = 0;
  const origin = createHttpsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (_, answer) =>
    answer.end(body(++requests)),
  );
  const originPort = await listen(origin);
  const proxy = createHttpServer().on("connect", (_request, client, head) => {
    const upstream = connect(originPort, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) socket.on("error", () => socket.destroy());
  });
  const proxyPort = await listen(proxy);
  return {
    variables: { HTTPS_PROXY: `http://127.0.0.1:${proxyPort}`, SSL_CERT_FILE: certificate },
    get requests() {
      return requests;
    },
    async close() {
      await Promise.all([origin, proxy].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

async function listen(server: Server | ReturnType<typeof createHttpsServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
