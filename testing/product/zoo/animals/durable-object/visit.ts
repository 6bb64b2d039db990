import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "Durable Objects with SQLite, alarms and migrations beside KV, and one in the old style",
  async visit({ send }) {
    await send("GET /room/a", { shows: '{"hits":1,"id":64}' });
    await send("GET /room/a", { shows: '"hits":2' });
    await send("GET /room/b", { shows: '"hits":1' });
    await send("GET /other/a", { shows: '"hits":1' });
    await send("GET /room/all", { shows: '[{"name":"a","n":2},{"name":"b","n":1}]' });
    await send("GET /room/wake", { shows: "true" });
    await send("GET /alarm", { shows: "alarm saw 2" });
    await send("GET /legacy/x", { shows: '{"count":1,"last":"/legacy/x"}' });
    await send("GET /legacy/x", { shows: '"count":2' });
  },
};
export default animal;
