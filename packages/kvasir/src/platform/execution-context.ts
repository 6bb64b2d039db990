/** The context that a Worker's handlers get, as far as it means something outside of workerd. */
export interface PlatformContext {
  /** Does not wait: the process of the dev server lives on anyway. A rejection is reported on the console. */
  waitUntil(promise: Promise<unknown>): void;
  passThroughOnException(): void;
  readonly props: Readonly<Record<string, never>>;
}

/** Like workerd's own, its methods fail when they are called without their object. */
export class ExecutionContext implements PlatformContext {
  readonly props = {};

  waitUntil(promise: Promise<unknown>): void {
    checkReceiver(this);
    // A rejection that nothing handles would end the dev server.
    Promise.resolve(promise).catch((error: unknown) => {
      process.emitWarning(`waitUntil() got a promise that was rejected: ${describe(error)}`);
    });
  }

  passThroughOnException(): void {
    checkReceiver(this);
  }
}

function checkReceiver(receiver: unknown): void {
  if (!(receiver instanceof ExecutionContext)) throw new Error("Illegal invocation");
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
