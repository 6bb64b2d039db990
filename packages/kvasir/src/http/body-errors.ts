import { KvError } from "@kvasir/client/namespace";

export function tooLarge(bytesMax: number): KvError {
  return new KvError("payload_too_large", `The request body exceeds the limit of ${bytesMax} bytes`);
}

export function cutOff(cause?: unknown): KvError {
  return new KvError("bad_request", "The request body was cut off", { cause });
}

export function noArray(): KvError {
  return new KvError("bad_request", "The request body must be a JSON array");
}
