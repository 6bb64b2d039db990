import { type KvError, open } from "@kvasir/store";

/** Opens stores without closing any, and reports how many it could open and why no more. */
const [, , count = "", location = ""] = process.argv;

const databases = [];
let refused: { readonly code: string; readonly text: string } | null = null;
for (let index = 0; index < Number(count); index++) {
  try {
    databases.push(open(location === ":memory:" ? location : `${location}/${index}`));
  } catch (error) {
    const { code, message, hint } = error as KvError;
    refused = { code, text: `${message} ${hint}` };
    break;
  }
}
// The open stores work.
for (const database of databases) await database.namespace("n").put("key", "value");
console.log(JSON.stringify({ opened: databases.length, refused }));
