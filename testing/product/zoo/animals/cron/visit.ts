import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "Workers that fill KV on a schedule; cron handlers are tried by request",
  args: ["--test-scheduled"],
  async visit({ send }) {
    await send("GET /", { shows: "null" });
    await send("GET /cdn-cgi/handler/scheduled?cron=*/5+*+*+*+*", { shows: "" });
    await send("GET /", { shows: '{"runs":1,"cron":"*/5 * * * *","time":"number"}' });
    await send("GET /__scheduled?cron=0+3+*+*+mon");
    await send("GET /", { shows: '"runs":2' });
    await send("GET /cdn-cgi/handler/scheduled");
    await send("GET /cdn-cgi/handler/scheduled?cron=1+1+1+1+*", { status: 500 });
  },
};
export default animal;
