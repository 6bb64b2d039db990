/** A block of code in a document that a reader types, or pastes into a file. */
export interface Snippet {
  readonly page: string;
  readonly line: number;
  readonly language: "js" | "ts";
  /** The file that it is, as the document names it. Absent for a fragment. */
  readonly name: string | undefined;
  readonly code: string;
}

/** Extracts the blocks of JavaScript and TypeScript, those within lists included. */
export function snippetsOf(page: string, markdown: string): Snippet[] {
  const blocks = markdown.matchAll(/^( *)```(\w+)(?: (\S+))?[^\n]*\n([\s\S]*?)^\1```$/gm);
  return [...blocks].flatMap((block) => {
    const [, indent = "", info = "", name, content = ""] = block;
    const language = LANGUAGES[info];
    if (language === undefined) return [];
    const line = markdown.slice(0, block.index).split("\n").length;
    const code = content.replaceAll(new RegExp(`^${indent}`, "gm"), "");
    return [{ page, line, language, name, code }];
  });
}

const LANGUAGES: Readonly<Record<string, "js" | "ts">> = {
  js: "js",
  javascript: "js",
  mjs: "js",
  jsx: "js",
  ts: "ts",
  typescript: "ts",
  tsx: "ts",
  mts: "ts",
};
