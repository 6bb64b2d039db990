/**
 * Extracts programs from a text that was once a web page and whose code blocks have lost their line breaks.
 * Statements follow each other directly (`f()const a = 1`), comments run into code, and headings into the
 * last line of a block.
 */

/** One code block, as runnable TypeScript. */
export interface Block {
  /**
   * Without imports and interfaces. `const` at the outermost level becomes `var`, because a block may declare
   * a name twice.
   */
  readonly code: string;
  /** The variables and functions declared at its outermost level. */
  readonly declares: readonly string[];
}

/** The code blocks of a document in order, and what they import. */
export function codeBlocks(text: string): { blocks: Block[]; imports: readonly string[] } {
  const imports = [...text.matchAll(IMPORT)].flatMap(([, names = ""]) =>
    names.split(",").map((name) => name.trim()),
  );
  const blocks: Block[] = [];
  let lines: string[] = [];
  const finish = () => {
    const code = lines.join("\n").replaceAll(IMPORT, "").replaceAll(INTERFACE, "").trim();
    if (code !== "") blocks.push(...new Restorer(code, imports).blocks());
    lines = [];
  };
  for (const line of text.split("\n")) {
    const isCode = CODE_LINE.test(line);
    if (!isCode || line.startsWith("import ")) finish();
    if (isCode) lines.push(line);
  }
  finish();
  return { blocks, imports };
}

const IMPORT = /import \{([^}]*)\} from '[^']*'/g;
const INTERFACE = /interface \w+ \{[^}]*\}/g;
/** How a line of code begins. Every other line is prose. */
const CODE_LINE = /^(?:import \{|interface |(?:async )?function |const |await |for |if |return |\/\/|\})/;
const STATEMENT = new Set(["const", "let", "await", "async", "function", "for", "if", "return", "throw"]);
/**
 * Words that the first word of a statement may follow within one statement: `async function`, `return await`.
 */
const GOES_ON = new Set([
  "async",
  "await",
  "const",
  "else",
  "export",
  "for",
  "in",
  "let",
  "new",
  "of",
  "return",
]);
/** Patterns that end a comment wherever they occur, because no prose looks like them. */
const CODE_IN_COMMENT = [
  /^(?:const|let) \w+ = /,
  /^await \w+\./,
  /^(?:async )?function \w+\(/,
  /^for (?:await )?\(const /,
  /^console\.\w+\(/,
];
const PROPERTY_IN_COMMENT = /^ \w+: (?:['"`\d{[]|true|false)/;

/** A line that ends `…wordHeading of the next section`. */
const HEADING_IN_COMMENT = /[a-z)\]'"][A-Z][a-z]+(?:[ :][\w ]+)*$/;

/** Walks over the code once and restores the line breaks. */
class Restorer {
  readonly #text: string;
  readonly #imports: readonly string[];
  readonly #done: Block[] = [];
  #at = 0;
  #code = "";
  #declares: string[] = [];
  /** The currently open brackets. */
  #open: string[] = [];
  /** The last word, bracket or literal. */
  #last = "";

  constructor(text: string, imports: readonly string[]) {
    this.#text = text;
    this.#imports = imports;
  }

  blocks(): Block[] {
    while (this.#at < this.#text.length) this.#step();
    this.#finish();
    return this.#done;
  }

  #step(): void {
    const rest = this.#text.slice(this.#at);
    const literal = /^(?:'[^'\n]*'|"[^"\n]*"|`[^`]*`)/.exec(rest)?.[0];
    const word = /^[A-Za-z_$][\w$]*/.exec(rest)?.[0];
    if (rest.startsWith("//")) this.#comment(rest);
    else if (literal !== undefined) this.#literal(literal);
    else if (word !== undefined) this.#word(word, rest);
    else this.#character(rest.charAt(0));
  }

  #literal(literal: string): void {
    this.#last = literal;
    this.#take(literal);
  }

  #word(word: string, rest: string): void {
    const outermost = this.#open.length === 0;
    const against = /[)\]}'"`]$/.test(this.#code);
    if (outermost && against && /^[A-Z]/.test(word)) {
      // A heading extends to the end of its line and ends the block.
      this.#at += /^.*/.exec(rest)?.[0].length ?? 0;
      this.#finish();
      return;
    }
    const canEnd = /[\w$)\]}'"`]$/.test(this.#last) && !GOES_ON.has(this.#last);
    if (STATEMENT.has(word) && canEnd) this.#code += "\n";
    const declared = outermost && /^(?:const|(?:async )?function) (\w+)/.exec(rest)?.[1];
    if (declared && !this.#declares.includes(declared)) this.#declares.push(declared);
    this.#last = word;
    if (outermost && word === "const") {
      this.#at += word.length;
      this.#code += "var";
    } else this.#take(word);
  }

  #character(character: string): void {
    if ("([{".includes(character)) this.#open.push(character);
    if (")]}".includes(character)) this.#open.pop();
    if (character.trim() !== "") this.#last = character;
    this.#take(character);
  }

  #comment(rest: string): void {
    const line = /^.*/.exec(rest)?.[0] ?? "";
    const length = this.#commentLength(line);
    this.#take(line.slice(0, length));
    this.#code += "\n";
    if (length === line.length && this.#open.length === 0 && HEADING_IN_COMMENT.test(line)) this.#finish();
  }

  /** The length from `//` to the end of the line, or to where code continues. */
  #commentLength(line: string): number {
    for (let at = 2; at < line.length; at++) {
      if (this.#codeGoesOn(line.slice(at), line.charAt(at - 1))) return at;
    }
    return line.length;
  }

  #codeGoesOn(rest: string, before: string): boolean {
    if (rest.startsWith("//") || CODE_IN_COMMENT.some((pattern) => pattern.test(rest))) return true;
    if (this.#imports.some((name) => rest.startsWith(`${name}(`))) return true;
    const inside = this.#open.at(-1);
    if (inside === "{") return rest.startsWith("}") || PROPERTY_IN_COMMENT.test(rest);
    return inside === "[" && rest.startsWith("]") && before !== "[";
  }

  #take(text: string): void {
    this.#code += text;
    this.#at += text.length;
  }

  #finish(): void {
    if (this.#code.trim() !== "") this.#done.push({ code: this.#code, declares: this.#declares });
    this.#code = "";
    this.#declares = [];
    this.#open = [];
    this.#last = "";
  }
}
