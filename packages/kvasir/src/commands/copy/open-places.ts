import { Failure } from "../../failure/failure.js";
import { CloudflarePlaces } from "./cloudflare-place.js";
import type { CopyLocator } from "./locator.js";
import type { CopyPlace, OpenTargetOptions } from "./place.js";
import { openServerSource, openServerTarget, type ServerTokens, takeServerTokens } from "./server-place.js";
import { openStoreSource, openStoreTarget } from "./store-place.js";

export interface OpenPlacesOptions extends OpenTargetOptions {
  readonly singleReads: boolean;
  readonly onPause: (ms: number) => void;
}

export interface OpenPlaces {
  readonly source: CopyPlace;
  readonly target: CopyPlace;
  close(): Promise<void>;
}

/**
 * Opens both ends of a copy. Nothing is created before the source is there.
 *
 * @throws Failure when both are the same namespace
 */
export async function openPlaces(
  from: CopyLocator,
  to: CopyLocator,
  options: OpenPlacesOptions,
): Promise<OpenPlaces> {
  if (from.shown === to.shown) throw sameNamespace(from.shown, to.shown);
  const access: Access = { cloudflare: new CloudflarePlaces(options), tokens: takeServerTokens() };
  const source = await openSource(from, access);
  try {
    const target = await openTarget(to, access, options);
    const close = async () => {
      await target.close();
      await source.close();
    };
    if (source.identity !== target.identity) return { source, target, close };
    await target.close();
    throw sameNamespace(from.shown, to.shown);
  } catch (error) {
    await source.close();
    throw error;
  }
}

interface Access {
  readonly cloudflare: CloudflarePlaces;
  readonly tokens: ServerTokens;
}

function openSource(locator: CopyLocator, { cloudflare, tokens }: Access): Promise<CopyPlace> {
  switch (locator.kind) {
    case "cloudflare":
      return cloudflare.openSource(locator);
    case "server":
      return openServerSource(locator, tokens.from);
    default:
      return openStoreSource(locator);
  }
}

function openTarget(
  locator: CopyLocator,
  { cloudflare, tokens }: Access,
  options: OpenTargetOptions,
): Promise<CopyPlace> {
  switch (locator.kind) {
    case "cloudflare":
      return cloudflare.openTarget(locator, options);
    case "server":
      return openServerTarget(locator, tokens.to, options);
    default:
      return openStoreTarget(locator, options);
  }
}

function sameNamespace(from: string, to: string): Failure {
  return new Failure(
    from === to
      ? `--from and --to are both ${from}.`
      : `--from ${from} and --to ${to} are the same namespace.`,
    { hint: "Give --to another namespace." },
  );
}
