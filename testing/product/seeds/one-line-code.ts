/**
 * Restores line breaks in code that has become one long line: after comments, which would otherwise swallow
 * what follows, and between statements that no semicolon separates.
 */
export function withLineBreaks(code: string): string {
  let restored = "";
  /** The last token except spaces. It decides what may follow. */
  let last = "";
  for (let at = 0; at < code.length; ) {
    const rest = code.slice(at);
    const comment = rest.startsWith("//") ? rest.slice(0, commentLength(rest)) : undefined;
    if (comment !== undefined) {
      restored += `${comment.trimEnd()}\n`;
      at += comment.length;
      continue;
    }
    const token = tokenAt(rest, last);
    if (beginsStatement(token, last)) restored += "\n";
    restored += token;
    at += token.length;
    if (token.trim() !== "") last = token;
  }
  return restored;
}

const WORD = /^[A-Za-z_$][\w$]*/;
const TEXT = /^(?:'[^'\n]*'|"[^"\n]*"|`[^`]*`)/;
const PATTERN = /^\/(?:\[[^\]]*\]|\\.|[^/\\\n])+\/[a-z]*/;

/** Words that need an operand after them, or that join two. */
const GOES_ON = new Set(
  "as async await catch const default else export extends finally for from function if import in instanceof interface let new of return satisfies throw try typeof var while do".split(
    " ",
  ),
);
/** Words that join what is before them to what follows. */
const JOINS = new Set([
  "as",
  "catch",
  "else",
  "extends",
  "finally",
  "from",
  "in",
  "instanceof",
  "of",
  "satisfies",
]);

function tokenAt(rest: string, last: string): string {
  const isOperand = /^[\w$)\]}'"`]/.test(last.at(-1) ?? "") && !GOES_ON.has(last);
  const found =
    TEXT.exec(rest) ?? WORD.exec(rest) ?? /^\s+/.exec(rest) ?? (isOperand ? null : PATTERN.exec(rest));
  return found?.[0] ?? rest.charAt(0);
}

/** Two adjacent operands belong to two statements. */
function beginsStatement(token: string, last: string): boolean {
  const isOperand = WORD.test(token) || TEXT.test(token);
  const follows = /[\w$)\]}'"`]$/.test(last) && !GOES_ON.has(last);
  return isOperand && follows && !JOINS.has(token);
}

/** Beginnings of code that has run into a comment. Prose does not look like them. */
const CODE_IN_COMMENT = [
  /^\/\//,
  /^\}/,
  /^(?:const|let) (?:\w+|\{[^}]*\})\s*[=:]/,
  /^(?:await|return) \w+\.\w+/,
  /^(?:if|for|while) \(/,
  /^(?:import|export|interface|async function|function) [\w{*]/,
  /^[a-z]\w*(?:\.\w+)+\(/,
  /^(?:"[^"]*"|'[^']*') \/\//,
];

/** The length from `//` to where code continues. */
function commentLength(rest: string): number {
  for (let at = 3; at < rest.length; at++) {
    if (rest[at - 1] !== " ") continue;
    const next = rest.slice(at);
    if (CODE_IN_COMMENT.some((pattern) => pattern.test(next))) return at;
  }
  return rest.length;
}
