/** `1,234 entries`. */
export function countText(count: number, one: string, many: string): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}

/** `1.2 MB`, in powers of a thousand. */
export function sizeText(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const size = bytes / 1000 ** power;
  const unit = bytes === 1 ? "byte" : units[power];
  return `${power === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${unit}`;
}

/** `3.4 s`. */
export function durationText(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
