import { FakeClock, type KvError, open } from "@kvasir/store";
import type { LmdbStore } from "../../../packages/store/src/engines/lmdb/lmdb-store.js";
import type { Answer, EmbedderInput, Question } from "../machinery/embedder.js";

/** A program that embeds the store and carries out its parent's calls: the other end of `Embedder`. */
const { directory } = JSON.parse(process.argv[2] ?? "") as EmbedderInput;

const clock = new FakeClock(Date.now());
const database = open(directory, { clock });

/** The methods of the store itself and not of a namespace. */
const ofStore: Record<string, (...args: never[]) => unknown> = {
  advance: (ms: number) => clock.advance(ms),
  sweep: () => (database.store as LmdbStore).maintenance.sweep(),
  createNamespace: (title: string) => database.catalog.create(title),
  close: () => database.close(),
};

process.on("message", ({ id, title, method, args }: Question) => {
  const target = title === null ? ofStore : database.namespace(title);
  void (async () => (target as typeof ofStore)[method]?.(...(args as never[])))().then(
    (value) => answer({ id, value }),
    (error: KvError) => {
      const { name, code, message, hint } = error;
      answer({ id, error: { name, code, message, hint } });
    },
  );
});
process.on("disconnect", () => process.exit());
answer({ id: 0, value: "ready" });

function answer(answer: Answer): void {
  process.send?.(answer);
}
