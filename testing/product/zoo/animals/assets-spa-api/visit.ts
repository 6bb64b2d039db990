import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "npm create cloudflare's React and Vue templates: a single-page application and its API",
  async visit({ send }) {
    await send("GET /", { shows: "id=root" });
    await send("GET /settings/profile", { shows: "id=root", headers: { "sec-fetch-mode": "navigate" } });
    await send("GET /settings/profile", { shows: "id=root" });
    await send("GET /assets/index.js", { shows: "export default" });
    await send("GET /api/todos", { shows: "[]" });
    await send("POST /api/todos", { body: '{"id":"1","title":"feed the ravens"}', status: 201 });
    await send("GET /api/todos", { shows: "todo:1" });
    await send("GET /api/none", { status: 404, shows: "/api/none" });
    await send("GET /api/docs/readme.txt", { shows: "the docs" });
  },
};
export default animal;
