/**
 * Faults tolerated here: the disk is full or read-only while entries are imported to it, or exported to a file on it.
 * The command ends with one sentence and an exit code that is not 0. Nothing has the name of the file, and nothing that
 * was stored before is lost.
 */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { kvasir, kvasirOk } from "../harness/command.js";
import { randomBytesOf } from "../harness/random.js";
import { describeWith } from "../harness/requirements.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";
import { aDiskOfItsOwn, Disk } from "./machinery/disk.js";

const DISK_MEBIBYTES = 8;

describeWith(aDiskOfItsOwn, "export and import on a disk that takes no more", () => {
  let at: string;
  let source: string;
  let data: string;
  let out: string;
  let disk: Disk;
  beforeEach(() => {
    at = temporaryDirectory();
    data = join(at, "data");
    out = join(at, "out.jsonl");
    source = join(temporaryDirectory(), "source.jsonl");
  });
  afterEach(() => disk.release());

  function writeSource(entries: number): void {
    const value = randomBytesOf("full", 6000).toString("base64");
    const lines = Array.from(
      { length: entries },
      (_, index) => `{"key":"k${index}","value":"${value}","base64":true}\n`,
    );
    writeFileSync(source, lines.join(""));
  }

  test("a full disk is one sentence, for import, copy, bulk put and export", async () => {
    disk = await Disk.small(at, DISK_MEBIBYTES);
    const onDisk = { through: disk.through };
    writeSource(20);
    await kvasirOk(["import", source, "--create", "kept", "--data", data], onDisk);
    writeSource(3000);
    const imported = await kvasir(["import", source, "--create", "more", "--data", data], onDisk);
    expect(imported).toMatchObject({ code: 1, stdout: "" });
    expect(imported.stderr).toMatch(/^error: There is no space left for the data in .*\n$/);
    expect(imported.stderr.trim().split("\n")).toHaveLength(1);

    const elsewhere = join(temporaryDirectory(), "data");
    await kvasirOk(["import", source, "--create", "many", "--data", elsewhere]);
    const copy = ["copy", "--from", `${elsewhere}#many`, "--to", `${data}#more`];
    const copied = await kvasir(copy, onDisk);
    expect(copied).toMatchObject({ code: 1, stdout: "" });
    // LMDB itself prints "Write error: …", without a line break, for a commit on a disk that was full before it.
    const said = copied.stderr.replace(/Write error: [^:]*? size \d+/g, "");
    expect(said).toMatch(/^error: There is no space left for the data in [^\n]*\n$/);
    const unheard = ["copy", "--from", `${elsewhere}#many`, "--to", `${elsewhere}#again`, "--limit", "5"];
    const toFullDisk = ["sh", "-c", 'exec "$@" > /dev/full', "sh"];
    expect(await kvasir(unheard, { through: toFullDisk })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /error: The output cannot be written: there is no space left for it\.[^\n]*\n$/,
      ),
    });

    const list = JSON.parse(await kvasirOk(["kv", "namespace", "list", "--data", data], onDisk));
    const kept = (list as { id: string; title: string }[]).find(({ title }) => title === "kept")?.id ?? "";
    const array = join(temporaryDirectory(), "array.json");
    writeFileSync(
      array,
      JSON.stringify(Array.from({ length: 3000 }, (_, at) => ({ key: `p${at}`, value: "v".repeat(6000) }))),
    );
    const put = await kvasir(["kv", "bulk", "put", array, "--namespace-id", kept, "--data", data], onDisk);
    expect(put.code).toBe(1);
    expect(put.stderr.trim().split("\n")).toHaveLength(1);

    disk.fill();
    const exported = await kvasir(["export", out, "--all", "--data", data], onDisk);
    expect(exported).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: There is no space left for .*out\.jsonl\./),
    });
    expect(readdirSync(disk.outside())).toEqual(["ballast", "data"]);
    const { stdout } = await kvasir(
      ["kv", "key", "list", "--namespace-id", kept, "--prefix", "k", "--data", data],
      onDisk,
    );
    expect(JSON.parse(stdout)).toHaveLength(20);
  });

  test("a read-only folder is one sentence, and can be exported from", async () => {
    writeSource(20);
    await kvasirOk(["import", source, "--create", "kept", "--data", data]);
    disk = await Disk.readOnly(at);
    const onDisk = { through: disk.through };
    const exported = await kvasir(["export", out, "--all", "--data", data], onDisk);
    expect(exported).toMatchObject({
      code: 1,
      stderr: `error: ${out} cannot be written. Choose a folder that you may write to.\n`,
    });
    expect(existsSync(out)).toBe(false);
    const imported = await kvasir(["import", source, "--create", "kept", "--data", data], onDisk);
    expect(imported).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: The data in .* cannot be written\..*\n$/),
    });
    const elsewhere = await kvasir(["export", "--all", "--data", data, "--json"], onDisk);
    expect(JSON.parse(elsewhere.stderr)).toMatchObject({ event: "exported", entries: 20 });
  });
});
