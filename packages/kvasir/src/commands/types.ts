import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { Command } from "commander";
import { Failure } from "../failure/failure.js";
import { configFileOf } from "../server/config-file.js";
import { printJson, printLine } from "../terminal/output.js";
import { type ConfigOptions, jsonOption, withConfigOptions, withExamples } from "./options/options.js";
import { TYPES_HEADER } from "./types/types-header.js";

interface TypesOptions extends ConfigOptions {
  readonly envInterface: string;
  readonly check?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function createCommand(): Command {
  const command = withConfigOptions(
    new Command("types")
      .description(
        "Write TypeScript declarations of a config's bindings and vars, in the shape that `wrangler types` writes:\n" +
          "`interface Env`, `Cloudflare.Env`, vars as literal types. The KVNamespace in them has Kvasir's own\n" +
          "operations (increment, atomic, …) too.",
      )
      .argument("[path]", "the file to write; its name ends in .d.ts", "worker-configuration.d.ts")
      .option("--env-interface <name>", "name of the interface", "Env")
      .option("--force", "overwrite a file that `kvasir types` has not written")
      .option("--check", "write nothing; fail if the file is not up to date"),
  )
    .addOption(jsonOption())
    .action(types);
  return withExamples(command, [
    "kvasir types",
    "kvasir types src/env.d.ts --env staging",
    "kvasir types --check               # for CI",
  ]);
}

async function types(path: string, options: TypesOptions): Promise<void> {
  const config = configFileOf(options);
  if (config === undefined) {
    throw new Failure("There is no wrangler.jsonc, .json or .toml in this folder or above it.", {
      hint: "Run the command beside one, or give its path with --config.",
    });
  }
  if (!basename(path).endsWith(".d.ts")) {
    throw new Failure(`${path} is not a declaration file.`, { hint: "Give a name that ends in .d.ts." });
  }
  if (!/^[A-Za-z_$][\w$]*$/.test(options.envInterface)) {
    throw new Failure(`"${options.envInterface}" is no name for an interface.`, {
      hint: "Give --env-interface letters, digits and underscores, for example Env.",
    });
  }
  const [{ readConfigVariants }, { declareEnv }, { exportedNames }] = await Promise.all([
    import("./types/config-variants.js"),
    import("./types/declare-env.js"),
    import("./types/exported-names.js"),
  ]);
  const file = resolve(path);
  const variants = readConfigVariants(config, options.env);
  const text = declareEnv(variants, {
    interfaceName: options.envInterface,
    folder: dirname(file),
    exports: await exportedNames(variants.top.main),
    declaredModules: modulesOfWrangler(config, file),
  });
  if (options.check) return await check(file, text, options);
  if (options.force !== true) checkOwnFile(file, path);
  writeFileSync(file, text);
  if (options.json) await printJson({ ok: true, path: file });
  else await printLine(`Wrote ${path}. Run \`kvasir types\` again after you change ${basename(config)}.`);
}

/** The patterns of modules in the output of `wrangler types` beside the config. */
function modulesOfWrangler(config: string, own: string): ReadonlySet<string> {
  const file = resolve(dirname(config), "worker-configuration.d.ts");
  if (file === own || !existsSync(file)) return new Set();
  const text = readFileSync(file, "utf8");
  return new Set([...text.matchAll(/^declare module "([^"\n]+)" \{/gm)].map(([, pattern = ""]) => pattern));
}

/** @throws Failure if the file exists and another tool or a person has written it */
function checkOwnFile(file: string, path: string): void {
  if (!existsSync(file) || readFileSync(file, "utf8").includes(TYPES_HEADER)) return;
  throw new Failure(`${path} was not written by \`kvasir types\`, so it is left as it is.`, {
    hint: "Give another file name, or --force to overwrite it.",
  });
}

async function check(file: string, text: string, options: TypesOptions): Promise<void> {
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
    throw new Failure(`${file} is not up to date.`, { hint: "Run `kvasir types`." });
  }
  if (options.json) await printJson({ ok: true, path: file });
  else await printLine(`${file} is up to date.`);
}
