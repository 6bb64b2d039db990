import type { Animal } from "../../animal.js";
import type { SendOptions } from "../../visitor.js";

/** The handler of assets puts them into the cache after its response. */
const isCached: SendOptions["until"] = ({ headers }) => headers["cf-cache-status"] === "HIT";

const animal: Animal = {
  like: "the Workers Sites template of wrangler 1",
  packages: ["@cloudflare/kv-asset-handler"],
  async visit({ send }) {
    await send("GET /", { shows: "home" });
    await send("GET /", { until: isCached, shows: "home" });
    await send("GET /blog/", { shows: "blog" });
    await send("GET /blog", { until: isCached, shows: "blog" });
    await send("GET /css/main.css", { shows: "margin" });
    await send("GET /docs/robots.txt", { shows: "User-agent" });
    await send("GET /drafts/plan.txt", { status: 404, shows: "lost" });
    await send("GET /none", { status: 404, shows: "lost" });
    await send("HEAD /robots.txt");
  },
};
export default animal;
