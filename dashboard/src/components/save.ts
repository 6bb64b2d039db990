/** Lets the browser store bytes as a file. */
export function save(bytes: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(bytes);
  link.download = name;
  link.click();
  // The download has begun when the click returns, but reads the bytes later.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
