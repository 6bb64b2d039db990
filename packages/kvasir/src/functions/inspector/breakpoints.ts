import { isBundle } from "./protocol.js";
import type { ScriptMap } from "./script-map.js";

type Params = Readonly<Record<string, unknown>>;

interface Breakpoint {
  /** What sets it in the current workerd. */
  params: Params;
  /** Its id there. V8 derives it from the place, so it may differ from the client's. */
  id: string;
}

/** The breakpoints of one client, which outlive a workerd. */
export class Breakpoints {
  /** By the ids that the client knows. */
  readonly #known = new Map<string, Breakpoint>();

  add(id: string, params: Params): void {
    this.#known.set(id, { params, id });
  }

  /** The id in the current workerd. Forgets the breakpoint. */
  remove(id: string): string {
    const current = this.#known.get(id)?.id ?? id;
    this.#known.delete(id);
    return current;
  }

  /** The id that the client knows. */
  clientId(current: string): string {
    for (const [id, breakpoint] of this.#known) if (breakpoint.id === current) return id;
    return current;
  }

  /**
   * Forgets a breakpoint that was moved to this place, and returns its id in the current workerd. V8 refuses a
   * second one at the same place.
   */
  takeAt(params: Params): string | undefined {
    const place = placeOf(params);
    for (const [id, breakpoint] of this.#known) {
      if (placeOf(breakpoint.params) === place) return this.remove(id);
    }
    return undefined;
  }

  /**
   * Sets all breakpoints in a new workerd, at the places to which an edit has moved their source.
   *
   * @param set returns the new id. `undefined` if the breakpoint was refused
   */
  async setAgain(
    maps: { readonly from: ScriptMap | undefined; readonly to: ScriptMap | undefined },
    set: (params: Params) => Promise<string | undefined>,
  ): Promise<void> {
    await Promise.all(
      [...this.#known.values()].map(async (breakpoint) => {
        breakpoint.params = moved(breakpoint.params, maps);
        breakpoint.id = (await set(breakpoint.params)) ?? breakpoint.id;
      }),
    );
  }
}

function moved(
  params: Params,
  { from, to }: { readonly from: ScriptMap | undefined; readonly to: ScriptMap | undefined },
): Params {
  if (!isBundle(params["url"]) || from === undefined || to === undefined) return params;
  const place = {
    lineNumber: Number(params["lineNumber"]),
    columnNumber: Number(params["columnNumber"] ?? 0),
  };
  return { ...params, ...from.translate(place, to) };
}

function placeOf({ url, urlRegex, scriptHash, lineNumber, columnNumber = 0 }: Params): string {
  return JSON.stringify([url, urlRegex, scriptHash, lineNumber, columnNumber]);
}
