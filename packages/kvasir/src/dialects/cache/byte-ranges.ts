/** Both ends are included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Many ranges of a large body would cost its reader many times its length. Then it gets the whole body. */
const RANGES_MAX = 32;

const UNIT = /^ *bytes *=/i;
const RANGE = /^ *(\d*) *- *(\d*) *$/;

/**
 * The ranges of a `Range` header. An empty list stands for the whole body. `null` if the header is wrong or a
 * range is outside the body. Each step is that of Miniflare (`src/workers/shared/range.ts`).
 */
export function byteRanges(header: string, byteLength: number): readonly ByteRange[] | null {
  const unit = UNIT.exec(header);
  if (unit === null) return null;
  const list = header.slice(unit[0].length);
  if (list.trimStart() === "") return [];
  const texts = list.split(",");
  if (texts.length > RANGES_MAX) return [];
  const ranges: ByteRange[] = [];
  for (const text of texts) {
    const match = RANGE.exec(text);
    if (match === null) return null;
    const [, first = "", last = ""] = match;
    if (first !== "") {
      const start = Number(first);
      const end = last === "" ? byteLength - 1 : Number(last);
      if (start >= byteLength || start > end) return null;
      ranges.push({ start, end: Math.min(end, byteLength - 1) });
    } else if (last === "") {
      return null;
    } else if (Number(last) >= byteLength) {
      return [];
    } else if (Number(last) > 0) {
      ranges.push({ start: byteLength - Number(last), end: byteLength - 1 });
    }
  }
  return ranges;
}
