/** One fenced block of a document. */
export interface FencedBlock {
  /** The word after the fence: `javascript`, `jsonc`. */
  readonly language: string;
  /** Without the indentation of the fence. */
  readonly code: string;
}

/** The fenced blocks of a Markdown document in order. Works even if the document has lost its line breaks. */
export function fencedBlocks(text: string): FencedBlock[] {
  return [...text.matchAll(/(^[ \t]*)?```(\w+)([^\n`]*\n| )([\s\S]*?)```/gm)].map(
    ([, indent = "", language = "", , code = ""]) => ({
      language,
      code: code.replace(new RegExp(`^${indent}`, "gm"), "").trim(),
    }),
  );
}
