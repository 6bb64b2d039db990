import { Failure } from "../../failure/failure.js";
import type { CopyLocator } from "./locator.js";
import type { CopyPlace, OpenTargetOptions } from "./place.js";

type ServerLocator = Extract<CopyLocator, { kind: "server" }>;

export async function openServerSource(locator: ServerLocator): Promise<CopyPlace> {
  throw new Failure(`${locator.shown} later.`);
}

export async function openServerTarget(
  locator: ServerLocator,
  _options: OpenTargetOptions,
): Promise<CopyPlace> {
  throw new Failure(`${locator.shown} later.`);
}
