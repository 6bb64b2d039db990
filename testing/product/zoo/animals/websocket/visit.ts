import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "Workers that accept WebSockets",
  async visit({ send, talk }) {
    await send("GET /", { status: 426 });
    await talk("/", ["one", "two", "bytes"], { shows: '{"echo":"two","count":2}\nhex 0102ff' });
    await send("GET /log", { shows: "two" });
  },
};
export default animal;
