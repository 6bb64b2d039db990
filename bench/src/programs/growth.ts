import { open } from "@kvasir/store";
import { TITLE } from "../fixtures/fill.js";
import { keyName, randomIndexes, randomKeys } from "../fixtures/keys.js";
import { serveParent } from "../processes/serve-parent.js";

/** Measures a get or a page of a list in the directory of its first argument, which holds so many keys. */
const [directory = "", countText = "0"] = process.argv.slice(2);
const count = Number(countText);
const PAGE = 1000;

const kv = open(directory).namespace(TITLE);
const keys = randomKeys(count);
/** Places from which a whole page follows. */
const starts = Array.from(randomIndexes(count - PAGE, 1 << 12), keyName);
let next = 0;

serveParent<{ readonly operation: "get" | "list"; readonly ms: number }>(
  "ready",
  async ({ operation, ms }) => {
    const startedMs = performance.now();
    let elapsedMs = 0;
    let operations = 0;
    while (elapsedMs < ms) {
      if (operation === "get") await readSome();
      else await listOne();
      operations += operation === "get" ? 100 : 1;
      elapsedMs = performance.now() - startedMs;
    }
    return (elapsedMs / operations) * 1000;
  },
);

async function readSome(): Promise<void> {
  for (let index = 0; index < 100; index++) {
    if ((await kv.get(keys[next++ & (keys.length - 1)] as string)) === null)
      throw new Error("A key is missing.");
  }
}

async function listOne(): Promise<void> {
  const start = starts[next++ & (starts.length - 1)] as string;
  const page = await kv.list({ start, limit: PAGE });
  if (page.keys.length !== PAGE) throw new Error(`A page has ${page.keys.length} keys.`);
}
