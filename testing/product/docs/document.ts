/** A file that a document shows: a code block whose info string names it (```js worker.js). */
export interface ShownFile {
  readonly name: string;
  readonly content: string;
}

/** A command of a ```console block, with what the document says that it prints. */
export interface ShownCommand {
  readonly command: string;
  readonly output: string;
}

export interface Document {
  readonly files: readonly ShownFile[];
  readonly commands: readonly ShownCommand[];
}

/** Takes the runnable parts out of Markdown: named files, and what to type with what comes back. */
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

/** `…` in a document stands for anything, spaces for any number of them. */
export function outputPattern(output: string): RegExp {
  const pieces = output
    .split("…")
    .map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/ +/g, "\\s+"));
  return new RegExp(`^${pieces.join("[\\s\\S]*?")}$`);
}
