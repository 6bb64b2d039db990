import { packagePeer } from "../peers.js";
import { Program } from "../processes/program.js";
import { race } from "../rounds.js";
import type { Scenario } from "../scenario.js";
import { targets } from "../targets.js";

const KEYS = "100000";

export const embeddedGet: Scenario = {
  name: "embedded-get",
  title: "What does a read cost on top of the database below?",
  async run(bench) {
    const { workspace } = bench;
    const ours = await Program.start(workspace, "embedded-get", {
      args: ["kvasir", await workspace.directory("kvasir"), KEYS],
    });
    const peer = await Program.start(workspace, "embedded-get", {
      args: ["lmdb", await workspace.directory("lmdb"), KEYS],
    });
    await race(
      bench,
      {
        what: "embedded get of 100-byte text, 100,000 keys in random order",
        unit: "ops/s",
        notes: ["ours awaits a promise and decodes text; the peer answers with bytes, synchronously"],
      },
      ours,
      [
        {
          peer: packagePeer("lmdb", "lmdb getBinary"),
          contestant: peer,
          target: targets.getOverLmdb,
        },
      ],
    );
  },
};
