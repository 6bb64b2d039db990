import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../../harness/checkout.js";
import { kvasirOk } from "../../harness/command.js";
import { only, readDockerfile, stagesOf, words } from "./dockerfile.js";

interface Service {
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly networks: Readonly<Record<string, { readonly ipv4_address?: string } | null>>;
  readonly volumes: readonly string[];
  readonly read_only: boolean;
  readonly tmpfs: readonly string[];
  readonly ulimits?: { readonly nofile: number };
  readonly stop_grace_period?: string;
}

interface Compose {
  readonly services: { readonly kvasir: Service; readonly caddy: Service };
  readonly networks: {
    readonly front: { readonly ipam: { readonly config: readonly { subnet: string }[] } };
  };
  readonly volumes: Readonly<Record<string, unknown>>;
}

const read = (name: string) => readFileSync(join(ROOT, "deploy", name), "utf8");
const { services, networks, volumes } = parse(read("compose.yaml")) as Compose;
const { kvasir, caddy } = services;
const [, image = []] = stagesOf(readDockerfile(join(ROOT, "deploy/Dockerfile")));

describe("deploy/compose.yaml", () => {
  test("trusts the address that Caddy has, and no other", () => {
    const { command = [] } = kvasir;
    const trusted = command[command.indexOf("--trust-proxy") + 1];
    expect(trusted).toBe(caddy.networks["front"]?.ipv4_address);
    const subnet = networks.front.ipam.config[0]?.subnet.replace(/\.0\/24$/, ".");
    expect(trusted?.startsWith(subnet ?? "-")).toBe(true);
  });

  test("starts what the image starts, with flags that exist", async () => {
    const { command = [] } = kvasir;
    const own = words(only(image, "CMD"));
    expect(command.slice(0, own.length)).toEqual(own);
    const help = await kvasirOk(["serve", "--help"]);
    for (const flag of command.filter((word) => word.startsWith("--"))) expect(help).toContain(`${flag} `);
  });

  test("keeps the data and the certificates in volumes, on read-only file systems", () => {
    const data = kvasir.volumes.map((volume) => volume.split(":"));
    expect(data).toEqual([["data", only(image, "VOLUME")]]);
    expect(Object.keys(volumes)).toEqual(["data", "certificates"]);
    expect([kvasir.read_only, caddy.read_only]).toEqual([true, true]);
    expect(kvasir.tmpfs).toEqual(["/tmp"]);
    expect(kvasir.ulimits?.nofile).toBeGreaterThanOrEqual(65_536);
    expect(Number.parseInt(kvasir.stop_grace_period ?? "", 10)).toBeGreaterThan(5);
  });

  test("does not start without a token", () => {
    expect(kvasir.environment["KVASIR_TOKEN"]).toMatch(/^\$\{KVASIR_TOKEN:\?.+\}$/);
  });

  test("gives Caddy every name that its file leaves open, or the file has what fits", () => {
    const caddyfile = read("Caddyfile");
    const ports = only(image, "EXPOSE").split(" ");
    const defaults = Object.fromEntries(
      Array.from(caddyfile.matchAll(/\{\$(\w+):([^}]*)\}/g), ([, name = "", value = ""]) => [name, value]),
    );
    expect(defaults).toMatchObject({ FUNCTIONS: `kvasir:${ports[0]}`, API: `kvasir:${ports[1]}` });
    for (const name of Object.keys(caddy.environment)) expect(defaults).toHaveProperty(name);
    expect(caddy.volumes).toContain("./Caddyfile:/etc/caddy/Caddyfile:ro");
  });
});
