import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { open } from "@kvasir/store";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { parseClusterLocator } from "../../../packages/store/src/engines/cluster/locator.js";
import { ROOT } from "../../harness/checkout.js";
import { kvasirOk } from "../../harness/command.js";
import { REDIS_SERVER, RedisCluster } from "../../harness/redis-cluster.js";
import { describeWith } from "../../harness/requirements.js";
import { requireProgram } from "./programs.js";

interface Service {
  readonly command: readonly string[];
  readonly networks: { readonly back: { readonly ipv4_address?: string } | null };
  readonly volumes?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: { readonly back: { readonly ipam: { readonly config: readonly { subnet: string }[] } } };
  readonly volumes: Readonly<Record<string, unknown>>;
}

const read = (name: string) => readFileSync(join(ROOT, "deploy/cluster", name), "utf8");
const { services, networks, volumes } = parse(read("compose.yaml"), { merge: true }) as Compose;
const named = (prefix: string) => Object.entries(services).filter(([name]) => name.startsWith(prefix));
const addressOf = ({ networks: { back } }: Service) => back?.ipv4_address ?? "";

describe("deploy/cluster/compose.yaml", () => {
  const nodes = named("valkey-");

  test("has six nodes with addresses and volumes of their own, and joins exactly those", () => {
    const addresses = nodes.map(([, service]) => addressOf(service));
    expect(new Set(addresses).size).toBe(6);
    const subnet = networks.back.ipam.config[0]?.subnet.replace(/\.0\/24$/, ".") ?? "-";
    expect(addresses.every((address) => address.startsWith(subnet))).toBe(true);
    const joined = services["cluster"]?.command.join(" ").match(/[\d.]+(?=:6379)/g);
    expect(joined).toEqual(addresses);
    for (const [name, { volumes: own = [] }] of nodes) {
      expect(own).toEqual(["./valkey.conf:/etc/valkey.conf:ro", `${name}:/data`]);
      expect(volumes).toHaveProperty(name);
    }
  });

  test("starts Kvasirs with a locator of those nodes and flags that exist", async () => {
    const kvasirs = named("kvasir-");
    expect(kvasirs.length).toBe(2);
    const help = await kvasirOk(["serve", "--help"]);
    for (const [, { command }] of kvasirs) {
      const locator =
        command[command.indexOf("--data") + 1]?.replace(/\$\{VALKEY_PASSWORD\}/, "s3cret") ?? "";
      const { seeds, password } = parseClusterLocator(locator.replace("valkey://", ""), { tls: false });
      expect(password).toBe("s3cret");
      const addresses = nodes.map(([, service]) => addressOf(service));
      expect(seeds.every(({ host }) => addresses.includes(host))).toBe(true);
      expect(command[command.indexOf("--trust-proxy") + 1]).toBe(addressOf(services["caddy"] as Service));
      for (const flag of command.filter((word) => word.startsWith("--"))) expect(help).toContain(`${flag} `);
    }
  });

  test("gives Caddy upstreams that are services", () => {
    const upstreams = [...read("Caddyfile").matchAll(/\{\$(?:FUNCTIONS|API)_\d:([\w-]+):(\d+)\}/g)];
    expect(upstreams.map(([, name, port]) => `${name} ${port}`).sort()).toEqual(
      named("kvasir-").flatMap(([name]) => [`${name} 8787`, `${name} 8788`]),
    );
  });
});

describeWith(requireProgram("caddy"), "deploy/cluster/Caddyfile", () => {
  test("is one that Caddy takes", () => {
    const args = ["validate", "--adapter", "caddyfile", "--config", join(ROOT, "deploy/cluster/Caddyfile")];
    expect(() => execFileSync("caddy", args, { stdio: "pipe" })).not.toThrow();
  });
});

describeWith(REDIS_SERVER, "deploy/cluster/valkey.conf", () => {
  test("makes nodes with which nothing is wrong", async () => {
    const settings = Object.fromEntries(
      Array.from(read("valkey.conf").matchAll(/^([a-z-]+) (.+)$/gm), ([, name = "", value = ""]) => [
        name,
        value,
      ]),
    );
    expect(settings["cluster-enabled"]).toBe("yes");
    const { port: _, ...own } = settings;
    const cluster = await RedisCluster.start({ settings: own });
    onTestFinished(() => cluster.stop());
    const database = open(cluster.locator("deployed"));
    onTestFinished(() => database.close());
    await database.namespace("keys").put("key", "value");
    expect((await database.store.maintenance.cluster?.())?.problems).toEqual([]);
  });
});
