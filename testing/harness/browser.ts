import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import type { Requirement } from "./requirements.js";

const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = PATHS.find((path) => existsSync(path));

export const CHROMIUM: Requirement = { name: "chromium", met: executablePath !== undefined };

/** A browser for the tests of a file. Whoever opens it closes it. */
export async function openBrowser(): Promise<Browser> {
  // Where tests run as root, in a container, Chromium's sandbox is not available.
  return await chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
}

export interface WatchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What a page must never do: errors, reports of its security policy, requests to elsewhere. */
  readonly complaints: readonly string[];
  /** Bytes of the files of the page, as they were sent. */
  transferredBytes(): Promise<number>;
}

/** A page at `origin` that notes what it should not do. */
export async function openPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ baseURL: origin, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  let bytes = 0;
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("console", (message) => {
    // A response that is an error is a part of some tests; the page shows it.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      complaints.push(`console: ${message.text()}`);
    }
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith("blob:")) complaints.push(`request: ${url}`);
  });
  const sizes: Promise<void>[] = [];
  page.on("requestfinished", (request) => {
    if (!new URL(request.url()).pathname.startsWith("/dashboard")) return;
    sizes.push(
      request.sizes().then(({ responseBodySize }) => {
        bytes += responseBodySize;
      }),
    );
  });
  return {
    page,
    context,
    complaints,
    async transferredBytes() {
      await Promise.all(sizes);
      return bytes;
    },
  };
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** What axe finds wrong with the page, as `rule: element`. */
export async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  await page.addScriptTag({ path: AXE }).catch(() => {});
  const { violations } = await page.evaluate<AxeResult>("axe.run()");
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
