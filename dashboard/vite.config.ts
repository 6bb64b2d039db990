import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
// @ts-expect-error It has no types.
import { sourceAliases } from "../scripts/source-aliases.js";

const OUT = fileURLToPath(new URL("../packages/kvasir/dist/dashboard", import.meta.url));

export default defineConfig({
  base: "/dashboard/",
  resolve: {
    alias: Object.entries<string>(sourceAliases("client")).map(([path, replacement]) => ({
      find: new RegExp(`^${path}$`),
      replacement,
    })),
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: "es2022",
    // A `data:` address would need a looser Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // `npx vite` in this folder shows the page as it is edited, with the data of a running `kvasir dev`.
  server: {
    host: "127.0.0.1",
    proxy: { "^/(?!dashboard|@|src|node_modules)": { target: "http://127.0.0.1:8788", changeOrigin: true } },
  },
});
