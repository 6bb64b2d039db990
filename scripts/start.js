// The second step of `npm start`, after the build: runs the showcase under `kvasir dev` and prints what to
// try.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const color = process.stdout.isTTY && !process.env.NO_COLOR ? { FORCE_COLOR: "1" } : {};

const child = spawn(
  process.execPath,
  [path("packages/kvasir/bin/kvasir.js"), "dev", path("examples/showcase"), ...process.argv.slice(2)],
  { stdio: ["inherit", "pipe", "inherit"], env: { ...process.env, ...color } },
);

let seen = "";
let told = false;
child.stdout.on("data", (chunk) => {
  process.stdout.write(chunk);
  if (told) return;
  seen += chunk;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removes colours from the lines
  const plain = seen.replace(/\u001b\[\d+m/g, "");
  if (!/^ready in /m.test(plain)) return;
  told = true;
  const functions = /^functions (\S+)/m.exec(plain)?.[1] ?? "";
  const api = /^api (\S+)/m.exec(plain)?.[1] ?? "";
  process.stdout.write(whatToTry(functions.replace(/\/$/, ""), api.replace(/\/$/, "")));
});

// Ctrl-C also reaches the child. Signals that are sent to this process alone are forwarded.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
// npm kills the shell between itself and this process, and a shell forwards no signals.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) child.kill("SIGTERM");
}, 250).unref();
child.on("exit", (code) => process.exit(code ?? 1));

function whatToTry(functions, api) {
  return `
A link shortener is running. Open ${functions}/ or try:

  curl ${functions}/api/links -d '{"url":"https://example.com/","slug":"hi"}'
  curl -i ${functions}/hi
  curl ${functions}/api/links/hi

The same namespace through the API and on the command line:

  curl ${api}/binding/showcase-links/link%3Ahi
  npx kvasir kv key list --binding LINKS --config examples/showcase/wrangler.jsonc

All of it in a browser: ${api}/dashboard

Edit examples/showcase/src/index.ts and save: the next request runs the new code. Ctrl-C ends.

`;
}
