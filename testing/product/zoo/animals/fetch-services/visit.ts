import type { Animal } from "../../animal.js";

const headers = { authorization: "k1" };

const animal: Animal = {
  like: "a gateway in front of other Workers by fetch, one of them still in service worker syntax",
  folders: ["gateway", "auth", "users"],
  async visit({ send }) {
    await send("GET /?id=1", { status: 401, shows: "who are you?" });
    await send("PUT /?id=1", { headers, body: "cat", shows: '"value":"cat"' });
    await send("GET /?id=1", {
      headers,
      shows: '"host":"users.internal","pathname":"/users/1","by":"freyja"',
    });
  },
};
export default animal;
