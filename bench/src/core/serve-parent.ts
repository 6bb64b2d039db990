/**
 * The child's end of `Program`: says that it is ready, then answers one question at a time.
 *
 * @param ready what the parent needs to know, an address for example
 * @param end what must be let go of before the process ends
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
