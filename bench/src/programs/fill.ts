import { open } from "@kvasir/store";
import { fill } from "../fixtures/fill.js";
import { serveParent } from "../processes/serve-parent.js";

/** Fills the data directory of its first argument with as many small entries as its second says. */
const [directory = "", count = "0"] = process.argv.slice(2);

// Nobody depends on these writes, and closing flushes them.
const database = open(directory, { durability: "relaxed" });
const namespace = await fill(database, { count: Number(count) });
await database.close();
serveParent({ namespace });
