import { connectAdmin } from "@kvasir/client";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ADMIN_TOKEN, bearer, openApi, type TestApi } from "../../harness/api.js";
import { CHROMIUM, openBrowser, openPage, type WatchedPage } from "../../harness/browser.js";
import { describeWith } from "../../harness/requirements.js";

describeWith(CHROMIUM, "the dashboard of a server with tokens", () => {
  let api: TestApi;
  let browser: Browser;
  beforeAll(async () => {
    [api, browser] = await Promise.all([
      openApi({ auth: { mode: "tokens", adminToken: ADMIN_TOKEN } }),
      openBrowser(),
    ]);
    await api.database.namespaceById(api.namespaceId).put("k", "v");
  });
  afterAll(async () => {
    await browser?.close();
    await api?.stop();
  });

  const signedIn = async (token: string): Promise<WatchedPage> => {
    const watched = await openPage(browser, api.url);
    await watched.page.goto("/dashboard");
    await watched.page.getByRole("textbox", { name: "Token" }).fill(token);
    await watched.page.getByRole("button", { name: "Sign in" }).click();
    return watched;
  };
  const admin = () => connectAdmin({ url: api.url, token: ADMIN_TOKEN });

  test("asks for a token, says why one is refused, and keeps it for the tab only", async () => {
    const { page, context } = await signedIn("wrong");
    await expect.poll(() => page.getByRole("alert").textContent()).toMatch(/unknown or was revoked/);
    await page.getByRole("textbox", { name: "Token" }).fill(ADMIN_TOKEN);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("link", { name: "main" }).waitFor();
    await page.reload();
    await page.getByRole("link", { name: "main" }).waitFor();
    expect(await context.cookies()).toEqual([]);
    expect(await page.evaluate("localStorage.length")).toBe(0);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await context.close();
  });

  test("a token that only reads sees no button that it may not use, and the server refuses all the same", async () => {
    const { token } = await admin().tokens.create({ scope: "read", namespaces: [api.namespaceId] });
    const other = await admin().namespaces.create("hidden");
    const { page, context } = await signedIn(token);
    await page.getByRole("link", { name: "main" }).waitFor();
    expect(await page.getByRole("link", { name: "hidden" }).count()).toBe(0);
    expect(await page.getByRole("link", { name: "Tokens" }).count()).toBe(0);
    expect(await page.getByRole("button").allTextContents()).toEqual(["Sign out"]);
    await page.getByRole("link", { name: "main" }).click();
    await page.getByRole("row", { name: "k", exact: true }).waitFor();
    const buttons = await page.getByRole("button").allTextContents();
    expect(buttons.toSorted()).toEqual(["A to Z", "Export", "Reload", "Sign out"]);
    await page.getByRole("row", { name: "k", exact: true }).getByRole("link").click();
    await page.getByRole("textbox", { name: "Value" }).waitFor();
    expect(await page.getByRole("button", { name: "Save" }).count()).toBe(0);
    expect(await page.getByRole("button", { name: "Delete" }).count()).toBe(0);
    const headers = bearer(token);
    const refused = await api.fetch(`${api.binding}/k`, { method: "PUT", body: "x", headers });
    expect(refused.status).toBe(403);
    await admin().namespaces.delete(other.id);
    await context.close();
  });

  test("a token that is revoked while the page is open leads back to signing in", async () => {
    const created = await admin().tokens.create({ scope: "write" });
    const { page, context } = await signedIn(created.token);
    await page.getByRole("link", { name: "main" }).click();
    await page.getByRole("row", { name: "k", exact: true }).getByRole("link").click();
    await page.getByRole("textbox", { name: "Value" }).fill("typed");
    await admin().tokens.revoke(created.record.id);
    await page.getByRole("button", { name: "Save" }).click();
    await expect.poll(() => page.getByRole("alert").textContent()).toMatch(/revoked or has expired/);
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await context.close();
  });
});
