// A bundle contains code of other packages. Their licences require that the text of the licence goes with the code.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export const LICENSES_FILE = "THIRD-PARTY-LICENSES.txt";

/**
 * Writes `THIRD-PARTY-LICENSES.txt` into the folder of a bundle: the licence of each package that is in it.
 *
 * @param metafile esbuild's description of the bundle, with paths relative to `root`
 * @throws if a package has no file with its licence
 */
export async function writeThirdPartyLicenses({ root, metafile, folder }) {
  const packages = new Set(
    Object.keys(metafile.inputs).flatMap((path) => {
      // "(disabled):…" is a file that esbuild left out.
      const [place] = /^(?!\(disabled).*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? [];
      return place === undefined ? [] : [place];
    }),
  );
  const texts = await Promise.all([...packages].sort().map((place) => licenseOf(join(root, place))));
  await writeFile(join(folder, LICENSES_FILE), texts.join(`\n${"-".repeat(80)}\n\n`));
}

async function licenseOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  if (file === undefined) {
    throw new Error(`${name} is in a bundle, and its package has no file with its licence (${license}).`);
  }
  return `${name} ${version} (${license})\n\n${(await readFile(join(folder, file), "utf8")).trim()}\n`;
}
