import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

mkdirSync("out", { recursive: true });
const page = readFileSync("source/page.html", "utf8");
writeFileSync("out/page.mjs", `export default ${JSON.stringify(page.replace("{{time}}", "build time"))};\n`);
writeFileSync("out/worker.mjs", readFileSync("source/worker.mjs"));
console.log("built");
