import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ROOT } from "../../harness/checkout.js";
import { KvasirProcess } from "../../harness/kvasir-process.js";
import { Project } from "../../harness/project.js";
import { describeWith } from "../../harness/requirements.js";
import { TOKEN } from "../../harness/running-api.js";
import { freePort, requireProgram } from "./programs.js";

const WORKER = `export default {
  fetch: (request) => new Response(request.headers.get("CF-Connecting-IP")),
};
`;
/** On Linux all of 127.0.0.0/8 is this machine, so that a client and a proxy can have different addresses. */
const CLIENT = "127.0.0.2";
const PROXY = "127.0.0.1";

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly requestId: string | undefined;
}

interface RunningProxy {
  readonly process: ChildProcess;
  readonly port: number;
  /** The names of the functions' and the API's site. */
  readonly sites: readonly [functions: string, api: string];
  /** The certificate to trust. Read for each request, because it may be made late. */
  readonly ca: string;
}

function ask(
  proxy: RunningProxy,
  site: string,
  path = "/",
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({
      host: PROXY,
      port: proxy.port,
      localAddress: CLIENT,
      servername: site,
      ca: readFileSync(proxy.ca),
      agent: false,
      path,
      headers: { ...headers, host: site },
    });
    asked.on("error", reject);
    asked.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", reject);
      response.on("end", () => {
        const requestId = response.headers["x-request-id"] as string | undefined;
        resolve({ status: response.statusCode ?? 0, text, requestId });
      });
    });
    asked.end();
  });
}

/** `serve` behind a proxy that a function of the suite starts. */
class Site {
  readonly project = new Project({ "w.js": WORKER });
  server!: KvasirProcess;
  proxy!: RunningProxy;

  async start(startProxy: (upstream: Upstream, folder: string) => Promise<RunningProxy>): Promise<void> {
    await this.startServer([]);
    const portOf = (url = "") => Number(new URL(url).port);
    this.upstream = { functions: portOf(this.server.functions), api: portOf(this.server.api) };
    this.proxy = await startProxy(this.upstream, this.project.root);
    await vi.waitFor(() => ask(this.proxy, this.proxy.sites[0]), { timeout: 20_000, interval: 100 });
  }

  upstream: Upstream = { functions: 0, api: 0 };

  async startServer(flags: readonly string[]): Promise<void> {
    const { functions, api } = this.upstream;
    const args = ["serve", join(this.project.root, "w.js"), "--data", join(this.project.root, "data")];
    const ports = ["--port", String(functions), "--api-port", String(api)];
    const log = ["--json", "--log-requests", "--trust-proxy", PROXY];
    this.server = KvasirProcess.launch([...args, ...ports, ...log, ...flags], {
      env: { KVASIR_TOKEN: TOKEN },
    });
    await this.server.ready();
  }

  async stop(): Promise<void> {
    this.proxy?.process.kill("SIGTERM");
    await this.server?.kill();
    if (this.proxy?.process.exitCode === null) await once(this.proxy.process, "exit");
    this.project.remove();
  }
}

interface Upstream {
  readonly functions: number;
  readonly api: number;
}

async function startCaddy({ functions, api }: Upstream, folder: string): Promise<RunningProxy> {
  const port = await freePort();
  const sites = ["localhost", "api.localhost"] as const;
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: folder,
    HTTP_PORT: String(await freePort()),
    HTTPS_PORT: String(port),
    FUNCTIONS: `${PROXY}:${functions}`,
    API: `${PROXY}:${api}`,
  };
  const args = ["run", "--adapter", "caddyfile", "--config", join(ROOT, "deploy/Caddyfile")];
  const caddy = spawn("caddy", args, { env, stdio: "ignore" });
  return { process: caddy, port, sites, ca: join(folder, "caddy/pki/authorities/local/root.crt") };
}

async function startNginx({ functions, api }: Upstream, folder: string): Promise<RunningProxy> {
  const port = await freePort();
  const [key, certificate] = [join(folder, "site.key"), join(folder, "site.pem")];
  const names = "subjectAltName=DNS:www.example.com,DNS:api.example.com";
  const self = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-subj",
    "/CN=example.com",
  ];
  execFileSync("openssl", [...self, "-addext", names, "-keyout", key, "-out", certificate], {
    stdio: "pipe",
  });
  const site = readFileSync(join(ROOT, "deploy/nginx.conf"), "utf8")
    .replaceAll("listen 443 ssl", `listen ${PROXY}:${port} ssl`)
    .replaceAll("/etc/ssl/private/example.com.key", key)
    .replaceAll("/etc/ssl/example.com.pem", certificate)
    .replace("127.0.0.1:8787", `${PROXY}:${functions}`)
    .replace("127.0.0.1:8788", `${PROXY}:${api}`);
  writeFileSync(join(folder, "site.conf"), site);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; events {}
http { access_log off; ${temporary.join(" ")} include ${folder}/site.conf; }
`,
  );
  const nginx = spawn(
    "nginx",
    ["-c", join(folder, "nginx.conf"), "-p", folder, "-e", join(folder, "error.log")],
    {
      stdio: "ignore",
      env: { PATH: `${process.env["PATH"]}:/usr/sbin` },
    },
  );
  return { process: nginx, port, sites: ["www.example.com", "api.example.com"], ca: certificate };
}

describeWith(requireProgram("caddy"), "deploy/Caddyfile", () => {
  const site = new Site();
  beforeAll(() => site.start(startCaddy));
  afterAll(() => site.stop());

  showsTheClient(site);

  test("no request is lost while Kvasir is replaced", async () => {
    const statuses: number[] = [];
    let replaced = false;
    const client = async () => {
      // Bounded, for the case that the replacement fails.
      for (let left = 2000, after = 3; left > 0 && after > 0; left--) {
        if (replaced) after--;
        statuses.push((await ask(site.proxy, site.proxy.sites[0])).status);
      }
    };
    const clients = Array.from({ length: 4 }, client);
    await vi.waitFor(() => expect(statuses.length).toBeGreaterThan(8), { timeout: 20_000, interval: 20 });
    expect(await site.server.stop()).toBe(0);
    await site.startServer([]);
    replaced = true;
    await Promise.all(clients);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});

describeWith(requireProgram("nginx"), "deploy/nginx.conf", () => {
  const site = new Site();
  beforeAll(() => site.start(startNginx));
  afterAll(() => site.stop());

  showsTheClient(site);
});

/** What both proxies must do. */
function showsTheClient(site: Site): void {
  test("a function sees its client's address, whatever the client claims", async () => {
    const claims = { "X-Forwarded-For": "6.6.6.6", "CF-Connecting-IP": "7.7.7.7", "X-Request-Id": "mine" };
    const { text, requestId } = await ask(site.proxy, site.proxy.sites[0], "/", claims);
    expect(text).toBe(CLIENT);
    expect(requestId).toMatch(/^[\da-f-]{32,36}$/);
    const line = await site.server.line(new RegExp(`"request":"${requestId}"`));
    expect(JSON.parse(line)).toMatchObject({ event: "request", function: "w", status: 200 });
  });

  test("the API is there, with its tokens and the proxy's request id", async () => {
    const [, api] = site.proxy.sites;
    expect((await ask(site.proxy, api, "/client/v4/accounts")).status).toBe(401);
    const authorization = `Bearer ${TOKEN}`;
    const { status, requestId } = await ask(site.proxy, api, "/client/v4/accounts", { authorization });
    expect(status).toBe(200);
    const line = await site.server.line(new RegExp(`"request":"${requestId}"`));
    expect(JSON.parse(line)).toMatchObject({ event: "request", token: "admin", status: 200 });
  });
}
