import { writeSync } from "node:fs";
import { FakeClock, open } from "@kvasir/store";
import type { LmdbStore } from "../../../packages/store/src/engines/lmdb/lmdb-store.js";
import { type Acknowledgement, runLane } from "../workload/lane.js";

/**
 * A process that writes with all lanes into one data directory, a fixed number of steps each, and reports
 * each acknowledged write on stdout. Meanwhile entries expire and are swept, in a namespace of their own.
 */
export interface PowerCutWriterInput {
  readonly directory: string;
  readonly namespace: string;
  readonly seed: string;
  readonly lanes: number;
  readonly steps: number;
  readonly durability: "strict" | "relaxed";
}

const STDOUT = 1;
/** The number written and swept at a time. */
const BRIEF_ENTRIES = 5;

const input = JSON.parse(process.argv[2] ?? "") as PowerCutWriterInput;
const clock = new FakeClock(Date.now());
const database = open(input.directory, { clock, durability: input.durability });
const kv = database.namespace(input.namespace);
const done = new Error("enough");
let running = input.lanes;

async function lane(lane: number): Promise<void> {
  const acknowledge = (acknowledgement: Acknowledgement) => {
    writeSync(STDOUT, `${JSON.stringify(acknowledgement)}\n`);
    if (acknowledgement.step === input.steps - 1) throw done;
  };
  await runLane(kv, { ...input, lane, manner: "honest", acknowledge }).catch((error: unknown) => {
    if (error !== done) throw error;
  });
  running--;
}

/** Makes entries expire, small and large, while the sweeper works among the writers. */
async function expire(): Promise<void> {
  const brief = database.namespace("brief");
  for (let round = 0; running > 0; round++) {
    await Promise.all(
      Array.from({ length: BRIEF_ENTRIES }, (_, index) =>
        brief.put(`${round % 3}:${index}`, "x".repeat(index === 0 ? 5000 : 50), { expirationTtl: 60 }),
      ),
    );
    clock.advance(61_000);
    await (database.store as LmdbStore).maintenance.sweep();
  }
}

await Promise.all([...Array.from({ length: input.lanes }, (_, each) => lane(each)), expire()]);
await database.close();
