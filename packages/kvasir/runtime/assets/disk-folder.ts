/** A folder that workerd reads. */
export class DiskFolder {
  readonly #service: Fetcher;
  readonly #prefix: string;

  constructor(service: Fetcher, folder: readonly string[]) {
    this.#service = service;
    this.#prefix = `http://files/${folder.map(encodeURIComponent).join("/")}`;
  }

  async has(path: string): Promise<boolean> {
    return isFile(await this.#ask(path, "HEAD"));
  }

  async read(path: string): Promise<Response | undefined> {
    const response = await this.#ask(path, "GET");
    if (isFile(response)) return response;
    await response.body?.cancel();
    return undefined;
  }

  #ask(path: string, method: string): Promise<Response> {
    const encoded = path.split("/").map(encodeURIComponent).join("/");
    return this.#service.fetch(this.#prefix + encoded, { method });
  }
}

/** workerd responds with a JSON list for a folder. */
function isFile(response: Response): boolean {
  return response.ok && response.headers.get("Content-Type") !== "application/json";
}
