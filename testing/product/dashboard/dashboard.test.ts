import { FakeClock } from "@kvasir/store";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openApi, type TestApi } from "../../harness/api.js";
import {
  accessibilityProblems,
  CHROMIUM,
  openBrowser,
  openPage,
  type WatchedPage,
} from "../../harness/browser.js";
import { describeWith } from "../../harness/requirements.js";

describeWith(CHROMIUM, "the dashboard", () => {
  let api: TestApi;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;
  beforeAll(async () => {
    [api, browser] = await Promise.all([openApi({ clock: new FakeClock(Date.now()) }), openBrowser()]);
    watched = await openPage(browser, api.url);
    page = watched.page;
    page.setDefaultTimeout(10_000);
  });
  afterAll(async () => {
    await browser?.close();
    await api?.stop();
  });
  // The page reports no error, breaks no rule of its policy and asks no other site, whatever a test does.
  afterEach(() => expect(watched.complaints).toEqual([]));

  const namespaceOf = async (title: string, entries: Readonly<Record<string, string>> = {}) => {
    const { id } = await api.database.catalog.create(title);
    const namespace = api.database.namespaceById(id);
    for (const [key, value] of Object.entries(entries)) await namespace.put(key, value);
    return { id, namespace };
  };
  const textbox = (name: string) => page.getByRole("textbox", { name, exact: true });
  const button = (name: string) => page.getByRole("button", { name, exact: true });
  const dialogButton = (name: string) => page.getByRole("dialog").getByRole("button", { name, exact: true });
  const rowNames = () =>
    page
      .getByRole("grid", { name: "Keys" })
      .locator(".rows [role=row]")
      .evaluateAll((rows) => rows.map((row) => row.getAttribute("aria-label")));
  const openKeys = async (id: string, query = "") => {
    await page.goto(`/dashboard/namespaces/${id}${query}`);
    await page.getByRole("grid", { name: "Keys" }).waitFor();
  };

  test("creates, renames and deletes namespaces; the title is typed before a deletion", async () => {
    await page.goto("/dashboard");
    await button("New namespace").click();
    await textbox("Title").fill("sessions");
    await dialogButton("Create").click();
    await page.getByRole("link", { name: "sessions" }).waitFor();
    await button("Rename sessions").click();
    await textbox("Title").fill("user sessions");
    await dialogButton("Confirm").click();
    await page.getByRole("link", { name: "user sessions" }).waitFor();
    await button("Rename user sessions").click();
    await textbox("Title").fill("main");
    await dialogButton("Confirm").click();
    await expect
      .poll(() => page.getByRole("dialog").getByRole("alert").textContent())
      .toMatch(/already exists/);
    await dialogButton("Cancel").click();
    await button("Delete user sessions").click();
    expect(await dialogButton("Delete").isDisabled()).toBe(true);
    await textbox("Title").fill("user sessions");
    await dialogButton("Delete").click();
    await expect.poll(() => page.getByRole("link", { name: "user sessions" }).count()).toBe(0);
  });

  test("shows keys by prefix and folder, both ways, and deletes those that are selected", async () => {
    const entries = ["a", "user:1:cart", "user:1:name", "user:2:name", "z/1"];
    const { id, namespace } = await namespaceOf("keys", Object.fromEntries(entries.map((key) => [key, key])));
    await openKeys(id);
    await expect.poll(rowNames).toEqual(entries);
    await page.getByRole("link", { name: "user:", exact: true }).click();
    await expect.poll(rowNames).toEqual(["user:1:cart", "user:1:name", "user:2:name"]);
    await textbox("Prefix").fill("user:1:");
    await textbox("Prefix").press("Enter");
    await expect.poll(rowNames).toEqual(["user:1:cart", "user:1:name"]);
    expect(page.url()).toContain("?prefix=user%3A1%3A");
    await openKeys(id, "?prefix=user%3A");
    await button("A to Z").click();
    await expect.poll(rowNames).toEqual(["user:2:name", "user:1:name", "user:1:cart"]);
    await page.getByRole("checkbox", { name: "Select user:2:name" }).check();
    await button("Delete selected (1)").click();
    await dialogButton("Delete").click();
    await expect.poll(rowNames).toEqual(["user:1:name", "user:1:cart"]);
    await button("Delete prefix").click();
    await expect.poll(() => page.getByRole("dialog").textContent()).toContain("2 keys begin with user:");
    await dialogButton("Delete").click();
    await expect.poll(() => page.getByRole("status").textContent()).toBe("No key begins with this prefix.");
    expect((await namespace.list()).keys.map(({ name }) => name)).toEqual(["a", "z/1"]);
  });

  test("is used by keyboard alone: from the grid into an entry", async () => {
    const { id } = await namespaceOf("keyboard", { a: "1", b: "2", c: "3" });
    await openKeys(id);
    await expect.poll(rowNames).toEqual(["a", "b", "c"]);
    await page.getByRole("row", { name: "a", exact: true }).focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press(" ");
    await button("Delete selected (1)").waitFor();
    await page.keyboard.press("End");
    await expect.poll(() => page.evaluate("document.activeElement.getAttribute('aria-label')")).toBe("c");
    await page.keyboard.press("Enter");
    await expect.poll(() => textbox("Key").inputValue()).toBe("c");
  });

  test("makes an entry, says beside the field what is wrong with it, and keeps what was typed", async () => {
    const { id, namespace } = await namespaceOf("entries");
    await openKeys(id);
    await button("New key").click();
    await textbox("Key").fill("config/ünï code");
    await button("JSON").click();
    await textbox("Value").fill('{"a": 1,}');
    await page.getByText(/^Line 1, column \d+: .*\.$/).waitFor();
    await textbox("Value").fill('{"a": 1}');
    await textbox("Metadata").fill('{"by": "ada"');
    await page.getByText(/^Metadata is JSON, and this is not/).waitFor();
    expect(await button("Save").isDisabled()).toBe(true);
    await textbox("Metadata").fill(JSON.stringify("x".repeat(1100)));
    await page.getByText("Metadata has at most 1,024 bytes. This has 1102.").waitFor();
    await textbox("Metadata").fill('{"by": "ada"}');
    await textbox("Expires").fill("2020-01-01");
    await page.getByText("This date is in the past.").waitFor();
    await textbox("Expires").fill("3600");
    await button("Save").click();
    await page.waitForURL(/\/keys\/config%2F%C3%BCn%C3%AF%20code$/);
    expect(await textbox("Value").inputValue()).toBe('{"a": 1}');
    expect(await namespace.getWithMetadata("config/ünï code")).toMatchObject({
      value: '{"a": 1}',
      metadata: { by: "ada" },
    });
    const [row] = (await namespace.list()).keys;
    expect(row?.expiration ?? 0).toBeGreaterThan(Date.now() / 1000 + 3500);
    // Another change keeps the expiry and the metadata.
    await textbox("Value").fill('{"a": 2}');
    await button("Save").click();
    await expect.poll(() => page.getByRole("status").textContent()).toContain("Saved 8 B.");
    expect((await namespace.list()).keys).toEqual([row]);
    expect(await namespace.get("config/ünï code")).toBe('{"a": 2}');
    await button("Delete").click();
    await dialogButton("Delete").click();
    await expect.poll(() => namespace.get("config/ünï code")).toBe(null);
  });

  test("two people do not overwrite each other", async () => {
    const { id, namespace } = await namespaceOf("conflicts", { greeting: "hello" });
    await page.goto(`/dashboard/namespaces/${id}/keys/greeting`);
    await textbox("Value").fill("hi");
    await namespace.put("greeting", "salut");
    await button("Save").click();
    await expect.poll(() => page.getByRole("alert").textContent()).toContain("changed");
    expect(await namespace.get("greeting")).toBe("salut");
    expect(await textbox("Value").inputValue()).toBe("hi");
    await button("Overwrite").click();
    await expect.poll(() => namespace.get("greeting")).toBe("hi");
    await namespace.put("greeting", "ciao");
    await textbox("Value").fill("hey");
    await button("Save").click();
    await page.getByRole("alert").waitFor();
    await button("Reload").click();
    await expect.poll(() => textbox("Value").inputValue()).toBe("ciao");
    await textbox("Value").fill("servus");
    await button("Save").click();
    await expect.poll(() => namespace.get("greeting")).toBe("servus");
  });

  test("stored HTML and scripts stay text, in keys, values and titles", async () => {
    const key = "<img src=x onerror=alert(1)>";
    const value = "<script>document.title='owned'</script>";
    const { id } = await namespaceOf("<b>bold</b>", { [key]: value });
    await page.goto("/dashboard");
    await page.getByRole("link", { name: "<b>bold</b>" }).click();
    await page.getByRole("row", { name: key }).getByRole("link").click();
    await expect.poll(() => textbox("Value").inputValue()).toBe(value);
    expect(await page.title()).toBe("Kvasir");
    expect(await page.locator("main img, main b, main script").count()).toBe(0);
    expect(page.url()).toBe(`${api.url}/dashboard/namespaces/${id}/keys/${encodeURIComponent(key)}`);
  });

  test("bytes are shown as hex, edited as files only, and come back byte for byte", async () => {
    const { id, namespace } = await namespaceOf("binary");
    const bytes = Uint8Array.from({ length: 300 }, (_, at) => at % 256);
    await namespace.put("bytes", bytes);
    await page.goto(`/dashboard/namespaces/${id}/keys/bytes`);
    await expect.poll(() => textbox("Bytes").inputValue()).toContain("00000000  00 01 02 03");
    expect(await textbox("Value").count()).toBe(0);
    const [download] = await Promise.all([page.waitForEvent("download"), button("Download").click()]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks)).toEqual(Buffer.from(bytes));
    await textbox("Metadata").fill("1");
    await button("Save").click();
    await expect.poll(() => page.getByRole("status").textContent()).toContain("Saved");
    expect(Buffer.from((await namespace.get("bytes", "arrayBuffer")) ?? new ArrayBuffer(0))).toEqual(
      Buffer.from(bytes),
    );
  });

  test("exports the keys of a prefix, and imports the file again", async () => {
    const { id, namespace } = await namespaceOf("files", { "a:1": "one", "a:2": "two", b: "three" });
    await openKeys(id, "?prefix=a%3A");
    const [download] = await Promise.all([page.waitForEvent("download"), button("Export").click()]);
    expect(download.suggestedFilename()).toBe("files.jsonl");
    const path = await download.path();
    for (const key of ["a:1", "a:2", "b"]) await namespace.delete(key);
    await button("Import").click();
    await page.getByLabel("File").setInputFiles(path);
    await dialogButton("Confirm").click();
    await expect.poll(() => page.getByRole("dialog").textContent()).toContain("2 written");
    await dialogButton("Confirm").click();
    await expect.poll(rowNames).toEqual(["a:1", "a:2"]);
    expect(await namespace.get("a:2")).toBe("two");
  });

  test("shows changes of all namespaces as they come, and pauses", async () => {
    const { namespace } = await namespaceOf("live");
    await page.goto("/dashboard/live");
    await page.getByText("Connected.").waitFor();
    await namespace.put("first", "1");
    await api.database.namespaceById(api.namespaceId).put("elsewhere", "1");
    await namespace.delete("first");
    await page.getByRole("link", { name: "elsewhere" }).waitFor();
    await expect.poll(() => page.getByRole("row", { name: /first/ }).count()).toBe(2);
    await button("Pause").click();
    await namespace.put("unseen", "1");
    await button("Pause").click();
    await namespace.put("second", "1");
    await page.getByRole("link", { name: "second" }).waitFor();
    expect(await page.getByRole("link", { name: "unseen" }).count()).toBe(0);
  });

  test("30,000 keys scroll, and only those in view are elements", async () => {
    const { id } = await api.database.catalog.create("many");
    const { store } = api.database;
    const value = { value: Buffer.from("v"), expirationMs: null, metadata: null, contentType: null };
    for (let from = 0; from < 30_000; from += 10_000) {
      await store.entries.writeMany(
        id,
        Array.from({ length: 10_000 }, (_, at) => ({
          type: "put" as const,
          key: `key:${String(from + at).padStart(6, "0")}`,
          ...value,
        })),
      );
    }
    await openKeys(id);
    await expect.poll(async () => (await rowNames())[0]).toBe("key:000000");
    const rows = page.locator(".rows");
    await expect
      .poll(
        async () => {
          await rows.evaluate((element) => element.scrollTo(0, element.scrollHeight));
          return (await rowNames()).at(-1);
        },
        { timeout: 30_000, interval: 20 },
      )
      .toBe("key:029999");
    expect((await rowNames()).length).toBeLessThan(80);
    await expect.poll(() => page.getByRole("status").textContent()).toBe("30,000 keys");
  }, 60_000);

  test.each(["light", "dark"] as const)(
    "axe finds nothing in any view, %s, and 400 pixels are enough",
    async (colorScheme) => {
      const { id } = await namespaceOf(`axe ${colorScheme}`, { "user:1": '{"a":[1,true,"b"]}' });
      const narrow = await openPage(browser, api.url, {
        colorScheme,
        viewport: { width: 400, height: 700 },
        bypassCSP: true,
      });
      const namespace = `/dashboard/namespaces/${id}`;
      for (const [path, name] of [
        ["/dashboard", "Namespaces"],
        [namespace, `Namespaces / axe ${colorScheme}`],
        [`${namespace}/keys/user%3A1`, "Namespaces / Keys / user:1"],
        [`${namespace}/new`, "Namespaces / Keys / New key"],
        ["/dashboard/live", "Live"],
        ["/dashboard/usage", "Usage"],
        ["/dashboard/tokens", "Tokens"],
      ] as const) {
        await narrow.page.goto(path);
        await narrow.page.getByRole("heading", { name, exact: true }).waitFor();
        expect({ path, problems: await accessibilityProblems(narrow.page) }).toEqual({ path, problems: [] });
        const overflow = await narrow.page.evaluate("document.documentElement.scrollWidth - innerWidth");
        expect({ path, overflow }).toEqual({ path, overflow: 0 });
      }
      await narrow.context.close();
      expect(narrow.complaints).toEqual([]);
    },
  );

  test("the page is small", async () => {
    const fresh = await openPage(browser, api.url);
    await fresh.page.goto("/dashboard");
    await fresh.page.getByRole("heading", { name: "Namespaces" }).waitFor();
    expect(await fresh.transferredBytes()).toBeLessThan(100_000);
    await fresh.context.close();
  });
});
