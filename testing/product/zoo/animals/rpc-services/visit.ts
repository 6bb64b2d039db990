import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "a front Worker and an inner one that calls each other's methods: RPC, entrypoints, callbacks, streams",
  folders: ["front", "ledger"],
  async visit({ send }) {
    await send("GET /?do=add&name=odin&amount=3", { shows: '"sum":3' });
    await send("GET /?do=add&name=odin&amount=4", { shows: '"sum":7' });
    await send("GET /?do=callback", { shows: '{"total":1,"seen":["odin"]}' });
    await send("GET /?do=session", { shows: '{"balance":5,"name":"odin"}' });
    await send("GET /?do=fail", { shows: '{"name":"RangeError","message":"too much"}' });
    await send("GET /?do=types", { shows: "date Date" });
    await send("GET /?do=stream", { shows: "streamed text" });
    await send("GET /", { status: 203, shows: "POST http://ledger/plain x" });
  },
};
export default animal;
