import type { Bundling } from "../config/bundling.js";

/** The part of esbuild's messages that says which setting is wrong. */
interface Refusal {
  readonly text: string;
  readonly location: { readonly file: string; readonly lineText: string } | null;
}

type Settings = Pick<Bundling, "define" | "jsxFactory" | "jsxFragment">;

/**
 * What is wrong with a setting of the config, in the config's words, and what to do. `undefined` for other messages of
 * esbuild.
 */
export function settingError({ text, location }: Refusal, settings: Settings): string | undefined {
  const [, value] = /^Invalid define value \(.*?\): (.*)$/s.exec(text) ?? [];
  if (value !== undefined) {
    const [name = "…"] = Object.entries(settings.define).find(([, defined]) => defined === value) ?? [];
    return `define.${name} is ${JSON.stringify(value)}, which is neither JSON nor the name of a value. A text needs quotes of its own: ${JSON.stringify(JSON.stringify("text"))}.`;
  }
  if (location?.file === "(define name)") {
    return `define has "${location.lineText}", which cannot be a name in code. Names are like VALUE or process.env.VALUE.`;
  }
  const [, part] = /^Invalid JSX (factory|fragment): /.exec(text) ?? [];
  if (part !== undefined) {
    const wrong = part === "factory" ? settings.jsxFactory : settings.jsxFragment;
    return `jsx_${part} is ${JSON.stringify(wrong)}, which is not the name of a function such as h or React.createElement.`;
  }
  const [, extension, file] = /^No loader is configured for "(\.[^"]+)" files: (.+)$/.exec(text) ?? [];
  if (extension === undefined) return undefined;
  return `A ${extension} file can be imported only with a rule: ${file}. Add { "type": "Data", "globs": ["**/*${extension}"] } to "rules" of the config; "Text" instead of "Data" imports text.`;
}
