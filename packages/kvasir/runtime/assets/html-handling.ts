import type { HtmlHandling, NotFoundHandling } from "../../src/wire/asset-settings.js";

/** What a path leads to: a file, or another path that is its usual form. */
export type Intent = { readonly file: string; readonly status: 200 | 404 } | { readonly redirect: string };

/** Serve the file if it is there. */
type Serve = readonly [file: string];
/** Redirect to the path if that path leads to the file. */
type Redirect = readonly [file: string, path: string];

export interface Handling {
  readonly htmlHandling: HtmlHandling;
  readonly notFoundHandling: NotFoundHandling;
  /** Whether a file of that path is served. Paths begin with a slash. */
  readonly exists: (path: string) => Promise<boolean>;
}

/** Finds what a decoded path leads to. `undefined` if there is nothing. */
export async function intentOf(
  path: string,
  handling: Handling,
  allowsRedirect = true,
): Promise<Intent | undefined> {
  const { exists } = handling;
  for (const [file, destination] of STEPS[handling.htmlHandling](path)) {
    if (destination === undefined) {
      if (await exists(file)) return { file, status: 200 };
    } else if (allowsRedirect && !(await exists(destination)) && (await exists(file))) {
      const intent = await intentOf(destination, handling, false);
      if (intent !== undefined && "file" in intent && intent.file === file) return { redirect: destination };
    }
  }
  return notFound(path, handling);
}

/** For each handling, what is tried for a path, in order. They are Cloudflare's rules. */
const STEPS: Readonly<Record<HtmlHandling, (path: string) => readonly (Serve | Redirect)[]>> = {
  "auto-trailing-slash": (path) => [
    ...byEnding(path, {
      index: (stem) => [[path], [`${path}.html`, `${stem}/`], [`${stem}.html`, stem]],
      indexHtml: (stem) => [
        [path, `${stem}/`],
        [`${stem}.html`, stem],
      ],
      slash: (stem) => [[`${path}index.html`], [`${stem}.html`, stem]],
      html: (stem) => [
        [path, stem],
        [`${stem}/index.html`, `${stem}/`],
      ],
    }),
    [path],
    [`${path}.html`],
    [`${path}/index.html`, `${path}/`],
  ],
  "force-trailing-slash": (path) => [
    ...byEnding(path, {
      index: (stem) => [[path], [`${path}.html`, `${stem}/`], [`${stem}.html`, `${stem}/`]],
      indexHtml: (stem) => [
        [path, `${stem}/`],
        [`${stem}.html`, `${stem}/`],
      ],
      slash: (stem) => [[`${path}index.html`], [`${stem}.html`]],
      html: (stem) => [[path, `${stem}/`], [path], [`${stem}/index.html`, `${stem}/`]],
    }),
    [path],
    [`${path}.html`, `${path}/`],
    [`${path}/index.html`, `${path}/`],
  ],
  "drop-trailing-slash": (path) => [
    ...byEnding(path, {
      index: (stem) =>
        stem === ""
          ? [[path], ["/index.html", "/"]]
          : [[path], [`${stem}.html`, stem], [`${path}.html`, stem]],
      indexHtml: (stem) =>
        stem === "" ? [["/index.html", "/"]] : [[path, stem], [path], [`${stem}.html`, stem]],
      slash: (stem) =>
        stem === ""
          ? [["/index.html"]]
          : [
              [`${stem}.html`, stem],
              [`${stem}/index.html`, stem],
            ],
      html: (stem) => [
        [path, stem],
        [`${stem}/index.html`, stem],
      ],
    }),
    [path],
    [`${path}.html`],
    [`${path}/index.html`],
  ],
  none: (path) => [[path]],
};

type Steps = (stem: string) => readonly (Serve | Redirect)[];

/** The stem of a path is what is left without the ending. */
function byEnding(
  path: string,
  steps: { readonly index: Steps; readonly indexHtml: Steps; readonly slash: Steps; readonly html: Steps },
): readonly (Serve | Redirect)[] {
  if (path.endsWith("/index")) return steps.index(path.slice(0, -"/index".length));
  if (path.endsWith("/index.html")) return steps.indexHtml(path.slice(0, -"/index.html".length));
  if (path.endsWith("/")) return steps.slash(path.slice(0, -1));
  if (path.endsWith(".html")) return steps.html(path.slice(0, -".html".length));
  return [];
}

async function notFound(path: string, { notFoundHandling, exists }: Handling): Promise<Intent | undefined> {
  if (notFoundHandling === "single-page-application") {
    return (await exists("/index.html")) ? { file: "/index.html", status: 200 } : undefined;
  }
  if (notFoundHandling === "404-page") {
    // The nearest one: in the path's folder or above it.
    for (let folder = path; folder !== ""; ) {
      folder = folder.slice(0, folder.lastIndexOf("/"));
      if (await exists(`${folder}/404.html`)) return { file: `${folder}/404.html`, status: 404 };
    }
  }
  return undefined;
}
