/**
 * Faults tolerated here: data of an older format are on a disk that has no room for the backup before the upgrade, or on
 * a disk of their own. Nothing is changed without a backup, unless the user says so.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ROOT } from "../harness/checkout.js";
import { kvasir, kvasirOk } from "../harness/command.js";
import { describeWith } from "../harness/requirements.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";
import { aDiskOfItsOwn, Disk } from "./machinery/disk.js";

const FIXTURE = readFileSync(join(ROOT, "testing/conformance/store/fixtures/format-1.mdb.gz"));

const DISK_MEBIBYTES = 8;
/** Leaves less than the size of the data beside them. */
const BALLAST_BYTES = 7_250_000;

describeWith(aDiskOfItsOwn, "data of an older format", () => {
  let at: string;
  let disk: Disk;
  beforeEach(async () => {
    at = temporaryDirectory();
    disk = await Disk.small(at, DISK_MEBIBYTES);
  });
  afterEach(() => disk.release());

  test("are not changed while there is no room for a backup", async () => {
    const original = gunzipSync(FIXTURE);
    mkdirSync(disk.outside("/data"));
    writeFileSync(disk.outside("/data/data.mdb"), original);
    // LMDB itself needs a little room, for its lock file.
    writeFileSync(disk.outside("/ballast"), Buffer.alloc(BALLAST_BYTES));
    const list = ["kv", "namespace", "list", "--data", join(at, "data")];
    const refused = await kvasir(list, { through: disk.through });
    expect({ code: refused.code, stderr: refused.stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^error: The data in .* have to be upgraded, and the backup before that needs [\d.]+ [kMG]B at .*, where .* are free\. Free that much space\. .* KVASIR_UPGRADE_BACKUP=off.*\n$/m,
      ),
    });
    expect(disk.read("/data/data.mdb").equals(original)).toBe(true);
    disk.drain();
    const { code, stderr } = await kvasir(list, {
      through: disk.through,
      env: { KVASIR_UPGRADE_BACKUP: "off" },
    });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/upgraded from format 1 to 2, without a backup\./),
    });
  });

  test("on a disk of their own get their backup there", async () => {
    writeFileSync(disk.outside("/data.mdb"), gunzipSync(FIXTURE));
    const { through } = disk;
    const { code, stderr } = await kvasir(["kv", "namespace", "list", "--data", at], { through });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining(`A backup of them as they were is in ${at}/format-1.backup;`),
    });
    expect(readdirSync(disk.outside("/format-1.backup")).sort()).toEqual(["backup.json", "data.mdb"]);
    expect(await kvasirOk(["check", join(at, "format-1.backup")], { through })).toContain("is sound");
  });
});
