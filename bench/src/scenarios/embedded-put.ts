import { packagePeer } from "../peers.js";
import { Program } from "../processes/program.js";
import { race } from "../rounds.js";
import type { Scenario } from "../scenario.js";

const CALLERS = "32";

export const embeddedPut: Scenario = {
  name: "embedded-put",
  title: "What does a durable write cost on top of the database below?",
  async run(bench) {
    const { workspace } = bench;
    const ours = await Program.start(workspace, "embedded-put", {
      args: ["kvasir", await workspace.directory("kvasir"), CALLERS],
    });
    const peer = await Program.start(workspace, "embedded-put", {
      args: ["lmdb", await workspace.directory("lmdb"), CALLERS],
    });
    await race(
      bench,
      {
        what: `durable put of 100-byte text, ${CALLERS} callers at once`,
        unit: "ops/s",
        notes: [
          "ours also keeps versions, a change log and an expiry index; the peer puts and waits for `flushed`",
        ],
      },
      ours,
      [{ peer: packagePeer("lmdb", "lmdb put + flushed"), contestant: peer }],
    );
  },
};
