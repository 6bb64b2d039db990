interface Search {
  readonly pattern: RegExp;
  resolve(line: string): void;
}

/** What a process prints on one stream. */
export class Output {
  readonly #parts: Buffer[] = [];
  readonly #searches = new Set<Search>();
  readonly #ended: Promise<unknown>;

  /** @param ended settles when nothing more comes */
  constructor(stream: NodeJS.ReadableStream | null, ended: Promise<unknown>) {
    this.#ended = ended;
    stream?.on("data", (part: Buffer) => {
      this.#parts.push(part);
      // A busy server prints much, and nobody searches it then.
      for (const search of this.#searches) this.#look(search);
    });
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  get text(): string {
    return this.bytes.toString("utf8");
  }

  /** The lines so far that are complete. */
  get lines(): readonly string[] {
    return this.text.split("\n").slice(0, -1);
  }

  /** The first line, past or future, that matches. */
  find(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const search = { pattern, resolve };
      this.#searches.add(search);
      this.#look(search);
      const fail = () => reject(new Error(`No line matches ${pattern}`));
      void this.#ended.then(fail, fail);
    });
  }

  #look(search: Search): void {
    const found = this.lines.find((line) => search.pattern.test(line));
    if (found === undefined) return;
    this.#searches.delete(search);
    search.resolve(found);
  }
}
