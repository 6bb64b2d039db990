import { codeExcerpt } from "../src/wire/code-excerpt.js";
import { mapFrames, type RawSourceMap } from "../src/wire/map-frames.js";

/** The page for an uncaught error in `dev`: HTML for browsers, plain text for other clients. */
export function errorPage(
  { message, stack }: { readonly message: string; readonly stack: string },
  request: Request,
  sourceMap: RawSourceMap,
): Response {
  const mapped = mapFrames(stack, sourceMap);
  const text = mapped.includes(message) ? mapped : `${message}\n${mapped}`;
  if (!request.headers.get("Accept")?.includes("text/html"))
    return new Response(`${text.trimEnd()}\n`, { status: 500 });
  const excerpt = codeExcerpt(stack, sourceMap);
  const code =
    excerpt === undefined
      ? ""
      : `<h2>${escapeHtml(excerpt.place)}</h2><pre class="code">${escapeHtml(excerpt.text)}</pre>`;
  const headers = Array.from(request.headers, ([name, value]) => `${name}: ${value}`).join("\n");
  const html = `<!doctype html><meta charset="utf-8"><title>${escapeHtml(message)}</title>
<style>body{font:16px/1.5 system-ui;margin:3rem auto;max-width:60rem;padding:0 1rem}pre{font:14px/1.6 ui-monospace,monospace;background:#8881;padding:1rem;overflow:auto}h1{font-size:1.2rem;color:#c33}h2{font-size:1rem;margin-bottom:0}:root{color-scheme:light dark}</style>
<h1>${escapeHtml(message)}</h1>${code}<h2>Stack</h2><pre>${escapeHtml(text)}</pre>
<h2>Request</h2><pre>${escapeHtml(`${request.method} ${request.url}\n${headers}`)}</pre><p>The function threw this and did not catch it. Save the file to try again.</p>`;
  return new Response(html, { status: 500, headers: { "Content-Type": "text/html;charset=utf-8" } });
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] as string);
}
