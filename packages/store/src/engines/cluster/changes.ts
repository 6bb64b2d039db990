import type { Change, Changes, Position, WatchQuery } from "../../store/changes.js";
import { closedError } from "../../store/errors.js";
import { clearTimeout, setTimeout } from "../../store/timers.js";
import type { Catalog } from "./catalog.js";
import { behindError, Feed, type LoggedChange } from "./feed.js";
import { WATCH_POLL_MS } from "./limits.js";
import { type Place, parsePosition, positionOf } from "./positions.js";
import type { Session } from "./session.js";

export function clusterChanges(session: Session, catalog: Catalog): Changes {
  /** Reads the newest versions of a feed, without a turn in between: see `Feed.versionsNow`. */
  async function begin(id: string | undefined): Promise<Begun> {
    const found = id === undefined ? null : catalog.get(id);
    const feed = new Feed(session, catalog, found instanceof Promise ? await found : found);
    return { feed, versions: await feed.versionsNow() };
  }

  return {
    position: (namespace) =>
      session.run(async () => {
        const { feed, versions } = await begin(namespace);
        const version = newest(versions);
        await feed.close(version);
        return positionOf({ feed: feed.name, version, told: null });
      }),

    watch(query) {
      session.assertOpen();
      const since = query.since === undefined ? null : parsePosition(query.since);
      // From now on, not from the first `next()`: the watch is told what is written in between.
      const started = start(begin(query.namespace), since);
      started.catch(() => {});
      return { [Symbol.asyncIterator]: () => follow(session, started, query) };
    },
  };
}

interface Begun {
  readonly feed: Feed;
  readonly versions: ReadonlyMap<number, number>;
}

/** A watch at its beginning. */
interface Started {
  readonly feed: Feed;
  readonly place: Place;
  /** The changes of each partition that the watch is not told, although its place lies before them. */
  readonly from: ReadonlyMap<number, number>;
}

async function start(beginning: Promise<Begun>, since: Place | null): Promise<Started> {
  const { feed, versions } = await beginning;
  if (since === null) {
    // Each partition by itself, because one whose clock is behind may give smaller versions than another has.
    const oldest = Math.min(...versions.values());
    return { feed, place: { feed: feed.name, version: oldest, told: null }, from: versions };
  }
  if (since.feed !== feed.name || !feed.hasReached(versions, since)) throw behindError();
  return { feed, place: since, from: new Map() };
}

async function* follow(
  session: Session,
  started: Promise<Started>,
  { prefix = "", signal, onPassed, namespace }: WatchQuery,
): AsyncGenerator<Change> {
  const { feed, place: first, from } = await endedBy(session, started);
  let place = first;
  while (!signal?.aborted) {
    await feed.assertThere();
    const version = newest(await feed.versions());
    if (version > place.version || place.told !== null) {
      const logged = await feed.changes(place, version, from);
      for (const change of toChanges(feed, logged, { prefix, isOfAll: namespace === undefined })) {
        yield change;
        if (signal?.aborted) return;
        if (session.isClosed) throw closedError();
      }
      place = { feed: feed.name, version, told: null };
      onPassed?.(positionOf(place));
    }
    await pause(session, signal);
    if (session.isClosed) throw closedError();
  }
}

function toChanges(
  feed: Feed,
  logged: readonly LoggedChange[],
  { prefix, isOfAll }: { readonly prefix: string; readonly isOfAll: boolean },
): readonly Change[] {
  const matching = logged
    .map((change) => ({ change, id: change.key.startsWith(prefix) ? feed.idOf(change) : null }))
    .filter(({ id }) => id !== null);
  return matching.map(({ change, id }, at) => {
    const { type, key, version, partition, number } = change;
    const next = matching[at + 1]?.change;
    const position: Position = positionOf({ feed: feed.name, version, told: { partition, number } });
    return {
      type,
      ...(isOfAll && id !== null && { namespace: id }),
      key,
      version,
      position,
      // A version is given once in a partition: to all changes of one commit.
      ...(next?.version === version && next.partition === partition && { more: true as const }),
    };
  });
}

function newest(versions: ReadonlyMap<number, number>): number {
  return Math.max(...versions.values());
}

/** Waits for the next look, or for the end of the watch. */
function pause({ stopped }: Session, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      stopped.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, WATCH_POLL_MS);
    signal?.addEventListener("abort", wake, { once: true });
    stopped.addEventListener("abort", wake, { once: true });
  });
}

async function endedBy<T>(session: Session, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw session.isClosed ? closedError() : error;
  }
}
