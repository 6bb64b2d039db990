/** One program of a document, and the heading above it. */
export interface BareProgram {
  readonly heading: string;
  readonly code: string;
}

/** How a program begins and goes on at its outermost level; every other line there is prose. */
const CODE = /^(?:const |let |var |(?:async )?function |module\.exports|exports\.|export |import |\/\/)/;

/**
 * The programs of a text that was a web page and has lost its fences: code is what begins like code, up to the line
 * that closes its brackets; a line of prose in between begins the next program.
 */
export function barePrograms(text: string): BareProgram[] {
  const programs: BareProgram[] = [];
  let prose: string[] = [];
  let lines: string[] = [];
  let depth = 0;
  const finish = () => {
    const code = lines.join("\n").trim();
    if (code !== "") programs.push({ heading: prose[0] ?? "", code });
    if (code !== "") prose = [];
    lines = [];
  };
  for (const line of text.split("\n")) {
    const isCode = depth > 0 || CODE.test(line) || (lines.length > 0 && line.trim() === "");
    if (isCode) {
      lines.push(line);
      depth += opened(line);
    } else if (line.trim() !== "") {
      finish();
      // The heading is the first line of prose after a program; on the first page, titles come before it.
      if (/^[A-Z][\w ]+$/.test(line.trim()))
        prose = prose.length > 0 && programs.length > 0 ? prose : [line.trim()];
    }
  }
  finish();
  return programs;
}

/** Brackets that a line opens and leaves open. Texts and patterns of these programs close their own. */
function opened(line: string): number {
  return (line.match(/[{([]/g)?.length ?? 0) - (line.match(/[})\]]/g)?.length ?? 0);
}
