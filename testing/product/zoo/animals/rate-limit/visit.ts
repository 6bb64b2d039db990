import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "APIs with a rate limit binding for logins and one for the rest",
  async visit({ send }) {
    await send("GET /login?user=a", { shows: '{"success":true}' });
    await send("GET /login?user=a", { shows: '{"success":true}' });
    await send("GET /login?user=a", { status: 429, shows: '{"success":false}' });
    await send("GET /login?user=b", { shows: '{"success":true}' });
    await send("GET /api", { shows: '{"success":true}' });
  },
};
export default animal;
