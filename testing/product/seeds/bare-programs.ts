/** One program of a document, and the heading above it. */
export interface BareProgram {
  readonly heading: string;
  readonly code: string;
}

/** How a program begins and continues at its outermost level. Every other line there is prose. */
const CODE = /^(?:const |let |var |(?:async )?function |module\.exports|exports\.|export |import |\/\/)/;

/**
 * The programs of a text that was once a web page and has lost its fences. Code starts with a line that looks
 * like code and extends to the line that closes its brackets. A line of prose in between starts the next
 * program.
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
      // The heading is the first line of prose after a program. On the first page, titles come before it.
      if (/^[A-Z][\w ]+$/.test(line.trim()))
        prose = prose.length > 0 && programs.length > 0 ? prose : [line.trim()];
    }
  }
  finish();
  return programs;
}

/**
 * The brackets that a line opens and does not close. In these programs, strings and patterns close their own.
 */
function opened(line: string): number {
  return (line.match(/[{([]/g)?.length ?? 0) - (line.match(/[})\]]/g)?.length ?? 0);
}
