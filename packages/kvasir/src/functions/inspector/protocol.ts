import { USER_MODULE } from "../bundle/function-module.js";

/** A message of the Chrome DevTools Protocol: a request, a response or an event. */
export interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: unknown;
}

/** Returns `undefined` if the text is not a message. */
export function parseMessage(text: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Message) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a URL of a script is that of the bundle. Newer compatibility dates make names to file URLs. */
export function isBundle(url: unknown): boolean {
  return url === USER_MODULE || url === `file:///${USER_MODULE}`;
}

/** Requests whose effect lasts as long as the connection: a new workerd gets them again. */
export function lasts(method: string): boolean {
  return method.endsWith(".enable") || SETTINGS.has(method);
}

const SETTINGS = new Set([
  "Debugger.setAsyncCallStackDepth",
  "Debugger.setBlackboxPatterns",
  "Debugger.setBreakpointsActive",
  "Debugger.setInstrumentationBreakpoint",
  "Debugger.setPauseOnExceptions",
  "Debugger.setSkipAllPauses",
  "Runtime.setAsyncCallStackDepth",
  "Runtime.setCustomObjectFormatterEnabled",
  "Runtime.setMaxCallStackSizeToCapture",
]);
