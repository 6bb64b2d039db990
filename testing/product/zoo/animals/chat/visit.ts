import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "chat rooms: Durable Objects that hibernate between WebSocket messages",
  async visit({ send, talk }) {
    await send("GET /lobby", { status: 400 });
    await talk("/lobby?name=odin", ["hello", "ping", "again"], { shows: "pong" });
    await talk("/other?name=freyja", ["hi"], { shows: '"total":1' });
  },
};
export default animal;
