import { describe, expect, test } from "vitest";
import { accountOf, cloudflareAccess } from "./credentials.js";

describe("cloudflareAccess", () => {
  test.each([
    [{ CLOUDFLARE_API_TOKEN: "t" }, { Authorization: "Bearer t" }],
    [{ CF_API_TOKEN: "t" }, { Authorization: "Bearer t" }],
    [
      { CLOUDFLARE_API_TOKEN: "t", CLOUDFLARE_API_KEY: "k", CLOUDFLARE_EMAIL: "e@x" },
      { Authorization: "Bearer t" },
    ],
    [
      { CLOUDFLARE_API_KEY: "k", CLOUDFLARE_EMAIL: "e@x" },
      { "X-Auth-Key": "k", "X-Auth-Email": "e@x" },
    ],
  ])("signs in with %j", (env, headers) => {
    expect(cloudflareAccess(env)).toEqual({ baseUrl: "https://api.cloudflare.com/client/v4", headers });
  });

  test.each([
    [{ CLOUDFLARE_API_BASE_URL: "http://127.0.0.1:1/client/v4/" }, "http://127.0.0.1:1/client/v4"],
    [{ CF_API_BASE_URL: "https://api.example.com/client/v4" }, "https://api.example.com/client/v4"],
    [{ CLOUDFLARE_API_BASE_URL: "" }, "https://api.cloudflare.com/client/v4"],
  ])("finds the API at %j", (env, baseUrl) => {
    expect(cloudflareAccess({ ...env, CLOUDFLARE_API_TOKEN: "t" }).baseUrl).toBe(baseUrl);
  });

  test.each([
    [{}, "Cloudflare needs a token"],
    [{ CLOUDFLARE_API_TOKEN: "" }, "Cloudflare needs a token"],
    [{ CLOUDFLARE_API_KEY: "k" }, "Cloudflare needs a token"],
    [{ CLOUDFLARE_API_TOKEN: "a\nb" }, "The token for Cloudflare contains characters that no token has"],
    [
      { CLOUDFLARE_API_TOKEN: "t", CLOUDFLARE_API_BASE_URL: "ftp://x" },
      "CLOUDFLARE_API_BASE_URL is not an http URL",
    ],
    [
      { CLOUDFLARE_API_TOKEN: "t", CLOUDFLARE_API_BASE_URL: "x" },
      "CLOUDFLARE_API_BASE_URL is not an http URL",
    ],
  ])("refuses %j", (env, message) => {
    expect(() => cloudflareAccess(env)).toThrow(message);
  });
});

test("the account comes from the environment", () => {
  expect(accountOf({ CLOUDFLARE_ACCOUNT_ID: "a" })).toBe("a");
  expect(accountOf({ CF_ACCOUNT_ID: "b", CLOUDFLARE_ACCOUNT_ID: "" })).toBe("b");
  expect(accountOf({})).toBeUndefined();
});
