import { writeSync } from "node:fs";
import { open } from "@kvasir/store";
import { type Acknowledgement, runLane } from "../workload/lane.js";

/**
 * A process that writes with all lanes into one data directory until it is killed. It reports each
 * acknowledged write on descriptor 3, in one blocking write, which the kill cannot undo.
 */
export interface WriterInput {
  readonly directory: string;
  readonly namespace: string;
  readonly seed: string;
  readonly lanes: number;
  readonly manner: "honest" | "cheating";
}

const JOURNAL = 3;

const input = JSON.parse(process.argv[2] ?? "") as WriterInput;
const kv = open(input.directory).namespace(input.namespace);
const acknowledge = (acknowledgement: Acknowledgement) => {
  writeSync(JOURNAL, `${JSON.stringify(acknowledgement)}\n`);
};
await Promise.all(
  Array.from({ length: input.lanes }, (_, lane) => runLane(kv, { ...input, lane, acknowledge })),
);
