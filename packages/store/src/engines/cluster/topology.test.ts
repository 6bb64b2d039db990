import { expect, test } from "vitest";
import { replicasOf } from "./problems.js";
import { replicasFollowing } from "./replication.js";
import { parseTopology, shardsOf, unassignedSlots } from "./topology.js";

const ASKED = { host: "db.example", port: 7000 };
const NODES = `aaa :7000@17000 myself,master - 0 0 1 connected 0-5460 [5461->-bbb]
bbb 10.0.0.2:7000@17000,b.example master - 0 1 2 connected 5461-10922
ccc 10.0.0.3:7000@17000 master - 0 1 3 connected 10923-16382 16383
ddd 10.0.0.4:7000@17000 slave aaa 0 1 1 connected
eee 10.0.0.5:7000@17000 slave,fail bbb 0 1 2 disconnected
fff 10.0.0.6:7000@17000 slave ccc 0 1 3 connected
ggg 10.0.0.7:7000@17000 handshake - 0 1 3 connected
`;

test("with TLS a node has the host name that it announces, which its certificate names", () => {
  const hosts = parseTopology(NODES, { ...ASKED, tls: true }).nodes.map(({ host }) => host);
  expect(hosts.slice(0, 3)).toEqual(["db.example", "b.example", "10.0.0.3"]);
});

test("a node that does not know its address has the one that was asked", () => {
  const { nodes } = parseTopology(NODES, ASKED);
  expect(nodes[0]).toEqual({
    id: "aaa",
    host: "db.example",
    port: 7000,
    isPrimary: true,
    primaryId: null,
    isAway: false,
    slots: [[0, 5460]],
  });
  expect(nodes.map(({ id, isAway }) => [id, isAway])).toEqual([
    ["aaa", false],
    ["bbb", false],
    ["ccc", false],
    ["ddd", false],
    ["eee", true],
    ["fff", false],
  ]);
});

test("a replica that is down still counts as one", () => {
  const topology = parseTopology(NODES, ASKED);
  expect(shardsOf(topology).map(({ replicas }) => replicas.map(({ id }) => id))).toEqual([
    ["ddd"],
    ["eee"],
    ["fff"],
  ]);
  expect(replicasOf(topology)).toBe(1);
  expect(unassignedSlots(topology)).toBe(0);
});

test("slots without a primary are noticed", () => {
  const lines = NODES.split("\n");
  const topology = parseTopology(lines.filter((line) => !/^(ccc|ddd)/.test(line)).join("\n"), ASKED);
  expect(unassignedSlots(topology)).toBe(5461);
  expect(replicasOf(topology)).toBe(1);
});

test("a replica follows while it acknowledges", () => {
  const replica = (state: string, lag: number) =>
    `slave0:ip=10.0.0.4,port=7000,state=${state},offset=84,lag=${lag}`;
  const info = (...replicas: string[]) => ["# Replication", "role:master", ...replicas, ""].join("\r\n");
  expect(replicasFollowing(info(replica("online", 0), replica("online", 3)))).toBe(2);
  expect(replicasFollowing(info(replica("online", 4), replica("wait_bgsave", 0)))).toBe(0);
  expect(replicasFollowing("role:slave\r\nmaster_host:10.0.0.2\r\n")).toBe(0);
});
