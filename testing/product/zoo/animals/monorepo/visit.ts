import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "monorepos of npm or Yarn workspaces: packages in TypeScript, linked and not built",
  packages: ["zod"],
  links: {
    "node_modules/@shop/shared": "../../packages/shared",
    "node_modules/@shop/config": "../../packages/config",
    "node_modules/@shop/api": "../../apps/api",
  },
  args: ["--config", "apps/api/wrangler.jsonc"],
  async visit({ send }) {
    await send("GET /", { shows: "EUR" });
    await send("GET /carts/1", { status: 404 });
    await send("POST /carts/1", { body: '{"items":[{"name":"tea","price":2.5}]}', shows: '"price":3' });
    await send("GET /carts/1", { shows: "tea" });
  },
};
export default animal;
