export interface MockAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export function json(status: number, body: unknown): MockAnswer {
  return { status, headers: { "Content-Type": "application/json" }, body: Buffer.from(JSON.stringify(body)) };
}
