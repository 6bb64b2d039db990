import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "Workers with faults: what a client and a catch block see",
  async visit({ send }) {
    await send("GET /", { shows: "TypeError" });
    await send("GET /throw", { status: 500 });
    await send("GET /string", { status: 500 });
    await send("GET /nothing", { status: 500 });
    await send("GET /wrong", { status: 500 });
    await send("GET /status", { status: 418 });
    await send("GET /background", { shows: "sent" });
    await send("POST /used", { status: 500, body: "x" });
    await send("GET /pass", { shows: "passed" });
  },
};
export default animal;
