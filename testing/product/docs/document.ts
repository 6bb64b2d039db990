/** A file in a document: a code block whose info string names it (```js worker.js). */
export interface ShownFile {
  readonly name: string;
  readonly content: string;
}

/** A command in a ```console block, with the output that the document shows. */
export interface ShownCommand {
  readonly command: string;
  readonly output: string;
}

export interface Document {
  readonly files: readonly ShownFile[];
  readonly commands: readonly ShownCommand[];
}

/** Extracts the runnable parts of Markdown: named files, and commands with their output. */
export function parseDocument(markdown: string): Document {
  const files: ShownFile[] = [];
  const commands: ShownCommand[] = [];
  for (const [, info = "", content = ""] of markdown.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)) {
    const [language, name] = info.split(" ");
    if (language === "console") commands.push(...commandsOf(content));
    else if (name !== undefined) files.push({ name, content });
  }
  return { files, commands };
}

function commandsOf(block: string): ShownCommand[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const [command = "", ...output] = text.split("\n");
      return { command, output: output.join("\n").trimEnd() };
    });
}

/** `…` in a document matches anything, and spaces match any number of spaces. */
export function outputPattern(output: string): RegExp {
  const pieces = output
    .split("…")
    .map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/ +/g, "\\s+"));
  return new RegExp(`^${pieces.join("[\\s\\S]*?")}$`);
}
