import { execFileSync, spawnSync } from "node:child_process";
import type { Requirement } from "../../harness/requirements.js";

/** Starts a program with a network of its own: as root, or where users may have namespaces. */
const UNSHARE = ["unshare -n", "unshare -rn"]
  .map((command) => command.split(" "))
  .find(
    ([program = "", ...args]) =>
      spawnSync(program, [...args, ..."ip link add type veth".split(" ")]).status === 0,
  );

/** Partitions need it. Linux only. */
export const NETWORK_NAMESPACE: Requirement = {
  name: "network namespaces (`unshare -n`, `ip link`)",
  met: process.platform === "linux" && UNSHARE !== undefined,
};

/** What a command that gets a network of its own begins with. Empty where that is not allowed. */
export const IN_OWN_NETWORK: readonly string[] = UNSHARE ?? [];

/** Rules of the kernel are tried in this order. Cuts come before the one that makes local addresses work. */
const LOCAL_RULE = 1000;
/** A table of routes by which packets leave for nowhere. */
const NOWHERE = 77;

/** Addresses of this machine alone. Without a network of its own, it may use those of the loopback network. */
export function addressOf(network: Network | null, who: "node" | "client", at: number): string {
  return `${network === null ? "127.0" : "10.77"}.${who === "node" ? 1 : 2}.${at + 1}`;
}

/**
 * The network of this process, when it has one of its own: what goes from one address to another can be dropped
 * without notice, as in a partition. Connections hang, and go on when it is healed.
 */
export class Network {
  #cuts = 0;

  /** To be called once in a namespace. */
  static setUp(): Network {
    ip(
      "link set lo up",
      "route add local 10.77.0.0/16 dev lo table local",
      // The kernel asks for local addresses first unless its rule comes later.
      `rule add pref ${LOCAL_RULE} lookup local`,
      "rule del pref 0",
      // One end of a cable whose other end does not listen. A node whose connection is refused by a route would
      // try again from another address.
      "link add nowhere type veth peer name nobody",
      "link set nowhere arp off",
      "link set nowhere up",
      "link set nobody up",
      `route add 10.77.0.0/16 dev nowhere scope link table ${NOWHERE}`,
    );
    return new Network();
  }

  /** Drops what one of `from` sends to one of `to`, and nothing in the other direction. */
  cutOneWay(from: readonly string[], to: readonly string[]): void {
    const pairs = from.flatMap((source) => to.map((target) => [source, target] as const));
    ip(
      ...pairs.map(
        ([source, target]) => `rule add pref ${++this.#cuts} from ${source} to ${target} lookup ${NOWHERE}`,
      ),
    );
  }

  cut(ones: readonly string[], others: readonly string[]): void {
    this.cutOneWay(ones, others);
    this.cutOneWay(others, ones);
  }

  heal(): void {
    ip(...Array.from({ length: this.#cuts }, (_, at) => `rule del pref ${at + 1}`));
    this.#cuts = 0;
  }
}

function ip(...commands: readonly string[]): void {
  if (commands.length > 0) execFileSync("ip", ["-batch", "-"], { input: `${commands.join("\n")}\n` });
}
