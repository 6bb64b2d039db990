import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "Workers Sites in module syntax, with the manifest and an API of its own",
  packages: ["@cloudflare/kv-asset-handler"],
  files: { "dist-site/dot.png": new Uint8Array([137, 80, 78, 71, 255]) },
  async visit({ send }) {
    await send("GET /", { shows: "module site" });
    await send("GET /api/manifest", { shows: "assets/app.3f2a.js" });
    await send("GET /assets/app.3f2a.js", { shows: "app" });
    await send("GET /data.json", { shows: '{ "a": 1 }' });
    await send("GET /dot.png", { shows: "hex 89504e47ff" });
    await send("GET /nothing.txt", { status: 404 });
    await send("GET /api/hits", { shows: '{"hits":1}' });
    await send("GET /api/hits", { shows: '{"hits":2}' });
    await send("POST /", { status: 500, body: "x" });
  },
};
export default animal;
