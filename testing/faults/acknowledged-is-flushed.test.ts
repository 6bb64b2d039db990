/**
 * Fault tolerated here: the machine loses power right after a write was acknowledged. A test cannot cut the
 * power, but it can check the order of the system calls: everything that the process wrote to its data file
 * is flushed, by a successful call, before the process reports that the write is done.
 */
import { beforeAll, expect, test } from "vitest";
import { buildProgram } from "../harness/build-program.js";
import { describeWith } from "../harness/requirements.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";
import { strace, traceFile } from "./machinery/file-trace.js";

/** The number of writes of the program, including the creation of the namespace. */
const ACKNOWLEDGEMENTS = 21;

/**
 * `write` goes to the data file and is only in the page cache. `head` goes to the data file through a
 * descriptor that flushes each write, as LMDB writes its head, which makes a transaction count.
 */
type Call = "write" | "head" | "flush" | "acknowledgement";

describeWith(strace, "an acknowledged write", () => {
  let program: string;
  beforeAll(async () => {
    program = await buildProgram("faults/programs/acknowledger");
  });

  test("was flushed to disk before, and its pages before the head that refers to them", () => {
    const calls = traced(program, temporaryDirectory());
    expect(calls.filter((call) => call === "acknowledgement")).toHaveLength(ACKNOWLEDGEMENTS);
    let unflushed = 0;
    let heads = 0;
    for (const [index, call] of calls.entries()) {
      const where = `call ${index}: ${calls.slice(Math.max(0, index - 5), index + 1).join(" ")}`;
      if (call === "write") unflushed++;
      if (call === "flush") unflushed = 0;
      if (call === "head") {
        expect(unflushed, `pages not flushed before the head, ${where}`).toBe(0);
        heads++;
      }
      if (call === "acknowledgement") {
        expect(unflushed, `pages not flushed before an acknowledgement, ${where}`).toBe(0);
        expect(heads, `nothing was committed before an acknowledgement, ${where}`).toBeGreaterThan(0);
        heads = 0;
      }
    }
  });
});

/** What the program did to its data file and to stdout, in order of the calls' returns. */
function traced(program: string, directory: string): Call[] {
  const events = traceFile([process.execPath, program, directory], {
    directory,
    file: "data.mdb",
    descriptor: 1,
    log: `${temporaryDirectory()}/trace`,
    timeoutMs: 60_000,
  });
  return events
    .sort((a, b) => a.until - b.until)
    .map((event) => {
      if (event.type === "told") return "acknowledgement";
      if (event.type === "flush") return "flush";
      return event.through ? "head" : "write";
    });
}
