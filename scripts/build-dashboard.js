// Builds the page at /dashboard, and compresses its files once, so that the server does not have to.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress } from "node:zlib";
import { build } from "vite";
import { writeThirdPartyLicenses } from "./third-party-licenses.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "packages/kvasir/dist/dashboard");

const { output } = await build({ root: join(root, "dashboard"), logLevel: "warn" });
const modules = output.flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
const inputs = Object.fromEntries(modules.map((path) => [relative(root, path), {}]));
await writeThirdPartyLicenses({ root, metafile: { inputs }, folder });

for (const name of await readdir(folder, { recursive: true })) {
  if (!/\.(html|js|css|svg)$/.test(name)) continue;
  const bytes = await readFile(join(folder, name));
  const small = await promisify(brotliCompress)(bytes);
  if (small.length < bytes.length) await writeFile(join(folder, `${name}.br`), small);
}
