import { describe, expect, it } from "vitest";
import { ADMIN_TOKEN, bearer, startApi } from "../../harness/api.js";

const SITE = "https://app.example.com";
const OTHER = "https://evil.example.com";
const preflight = {
  method: "OPTIONS",
  headers: {
    Origin: SITE,
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "authorization,content-type",
  },
};

async function start(cors: readonly string[]) {
  const api = await startApi({ auth: { mode: "tokens", adminToken: ADMIN_TOKEN }, cors });
  return { api, key: `${api.cloudflare}/values/key` };
}

describe("an API that the pages of a site may call", () => {
  it("lets a browser ask first, without a token", async () => {
    const { api, key } = await start([SITE]);
    const response = await api.fetch(key, preflight);
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "access-control-allow-origin": SITE,
      "access-control-allow-methods": "GET, PUT, DELETE, OPTIONS, HEAD",
      "access-control-allow-headers": "authorization,content-type",
      vary: "Origin",
    });
  });

  it("shows every response to the page, streams and errors included", async () => {
    const { api, key } = await start([SITE]);
    const headers = { ...bearer(ADMIN_TOKEN), Origin: SITE };
    const responses = [
      await api.fetch(key, { method: "PUT", body: "v".repeat(3_000_000), headers }),
      await api.fetch(key, { headers }),
      await api.fetch(key, { method: "HEAD", headers }),
      await api.fetch(`${key}-missing`, { headers }),
      await api.fetch("/nowhere", { headers }),
      await api.fetch(key, { headers: { Origin: SITE } }),
      await api.fetch(key, { method: "POST", headers }),
    ];
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 404, 404, 401, 405]);
    for (const response of responses) {
      expect(response.headers.get("access-control-allow-origin")).toBe(SITE);
      expect(response.headers.get("access-control-expose-headers")).toBe("*");
      await response.arrayBuffer();
    }
  });

  it("shows nothing to the pages of other sites", async () => {
    const { api, key } = await start([SITE]);
    for (const origin of [OTHER, "null", `${SITE}.evil.com`, "http://app.example.com"]) {
      const asked = await api.fetch(key, { ...preflight, headers: { ...preflight.headers, Origin: origin } });
      expect([...asked.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
      expect(asked.headers.get("vary")).toBe("Origin");
    }
  });

  it("allows every site with *, and none by default", async () => {
    const open = await start(["*"]);
    const asked = await open.api.fetch(open.key, preflight);
    expect(asked.headers.get("access-control-allow-origin")).toBe("*");
    const closed = await start([]);
    const refused = await closed.api.fetch(closed.key, preflight);
    expect(refused.headers.get("access-control-allow-origin")).toBeNull();
  });

  it("lets an allowed site, and no other one, call an API without tokens", async () => {
    const api = await startApi({ auth: { mode: "dev" }, cors: [SITE] });
    const key = `${api.cloudflare}/values/key`;
    const put = (origin: string) => api.fetch(key, { method: "PUT", body: "v", headers: { Origin: origin } });
    expect((await put(SITE)).status).toBe(200);
    expect((await put(OTHER)).status).toBe(403);
  });
});
