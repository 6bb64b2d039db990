/**
 * The child's end of `Program`: reports that it is ready, then handles one question at a time.
 *
 * @param ready What the parent needs to know, for example an address.
 * @param end Releases what the process holds before it ends.
 */
export function serveParent<Question>(
  ready: unknown,
  answer?: (question: Question) => Promise<unknown>,
  end: () => Promise<void> = async () => {},
): void {
  process.on("message", (question: Question) => {
    // A failure ends the process, and the parent reports that.
    void answer?.(question).then((result) => process.send?.(result));
  });
  const exit = () => void end().then(() => process.exit());
  process.once("disconnect", exit);
  process.once("SIGTERM", exit);
  process.send?.(ready);
}
