import type { KvError } from "@kvasir/client/namespace";
import { type Clock, systemClock } from "../../store/clock.js";
import type { ClusterFigures } from "../../store/cluster-figures.js";
import { closedError } from "../../store/errors.js";
import { clearInterval, monotonicMs, setInterval, setTimeout } from "../../store/timers.js";
import { Cluster } from "./cluster.js";
import type { Command, Reply } from "./connection.js";
import { settingsError } from "./errors.js";
import { Inspector } from "./inspector.js";
import type { Joint } from "./joint.js";
import { type Partition, partitionsOf } from "./layout.js";
import { SETTINGS_CHECK_MS, SHAPE_LOOKS_MAX, SHAPE_PAUSE_MS, START_PAUSE_MS } from "./limits.js";
import type { ClusterLocator } from "./locator.js";
import { isUneven, replicasOf, slotProblems, UNASSIGNED } from "./problems.js";
import { assertRights } from "./rights.js";
import { readFormat, storeIdentity, writeFormat } from "./store-format.js";

export interface SessionOptions {
  readonly locator: ClusterLocator;
  readonly clock: Clock;
  /** Called with each thing that is wrong with the cluster, once until it is right again. */
  readonly onProblem: (error: KvError) => void;
}

/** An open store's use of a cluster: the connection, the time, and whether it may be used. */
export class Session {
  readonly locator: ClusterLocator;
  readonly partitions: readonly Partition[];
  readonly #cluster: Cluster;
  readonly #clock: Clock;
  readonly #onProblem: (error: KvError) => void;
  readonly #inspector: Inspector;
  readonly #stopped = new AbortController();
  #started: Promise<void> | null = null;
  #isReady = false;
  #failure: { readonly error: unknown; readonly atMs: number } | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closing: Promise<void> | null = null;
  readonly #running = new Set<Promise<unknown>>();

  constructor({ locator, clock, onProblem }: SessionOptions) {
    this.locator = locator;
    this.partitions = partitionsOf(locator.name);
    this.#cluster = new Cluster({ seeds: locator.seeds, access: locator });
    this.#clock = clock;
    this.#onProblem = onProblem;
    this.#inspector = new Inspector({
      cluster: this.#cluster,
      access: locator,
      acks: locator.acks,
      clock,
      identity: storeIdentity(locator.name, this.partitions),
      onProblem,
    });
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  /** The time as scripts take it. Empty: they ask their node, so that all Kvasirs agree on it. */
  get time(): string {
    return this.#clock === systemClock ? "" : String(this.#clock.nowMs());
  }

  get isClosed(): boolean {
    return this.#closing !== null;
  }

  /** Aborted when the store closes. */
  get stopped(): AbortSignal {
    return this.#stopped.signal;
  }

  /** @throws KvError `unavailable` */
  assertOpen(): void {
    if (this.isClosed) throw closedError();
  }

  /** Runs an operation of the store: closing the store waits for it. */
  run<T>(operation: () => Promise<T>): Promise<T> {
    if (this.isClosed) return Promise.reject(closedError());
    const running = operation();
    this.#running.add(running);
    const forget = () => this.#running.delete(running);
    running.then(forget, forget);
    return running;
  }

  /** Commands about one key that must be on disk everywhere before they resolve. */
  write(partition: Partition, ...commands: readonly Command[]): Promise<readonly Reply[]> {
    if (!this.#isReady) return this.start().then(() => this.write(partition, ...commands));
    if (this.#inspector.broken !== null) return Promise.reject(this.#inspector.broken);
    return this.#cluster.write(partition.slot, commands);
  }

  /**
   * An operation that may be sent together with others of the same joiner. Resolves with what the joiner makes of
   * its part.
   */
  async joined(
    partition: Partition,
    lane: "reads" | "writes",
    operation: { readonly joint: Joint; readonly bytes: number; readonly isRead: boolean },
  ): Promise<Reply> {
    if (!this.#isReady) await this.start();
    if (this.#inspector.broken !== null && !operation.isRead) throw this.#inspector.broken;
    const [reply = null] = await this.#cluster.submit({ slot: partition.slot, lane, ...operation });
    return reply;
  }

  /** A read as the locator asks for. With `reads=strong` a write after it proves that it was of the primary. */
  async read(partition: Partition, command: Command): Promise<Reply> {
    if (this.locator.reads === "strong") return await this.confirmedRead(partition, command);
    if (!this.#isReady) await this.start();
    const [reply = null] = await this.#cluster.read(partition.slot, [command]);
    return reply;
  }

  /** A read whose result is on disk everywhere, after all writes that were submitted before. */
  async confirmedRead(partition: Partition, command: Command): Promise<Reply> {
    if (!this.#isReady) await this.start();
    const commands: readonly Command[] = [command, ["SET", partition.fence, ""]];
    const [reply = null] = await this.#cluster.fencedRead(partition.slot, commands);
    return reply;
  }

  /** A read of what never changes once it is written. */
  async plainRead(partition: Partition, command: Command): Promise<Reply> {
    if (!this.#isReady) await this.start();
    const [reply = null] = await this.#cluster.read(partition.slot, [command]);
    return reply;
  }

  /**
   * Connects, and checks the cluster, when that has not been done.
   *
   * @throws KvError `unavailable`, `unsupported`: why the store cannot be used. The next call tries again.
   */
  start(): Promise<void> {
    if (this.#isReady) return Promise.resolve();
    const failure = this.#failure;
    if (failure !== null && monotonicMs() - failure.atMs < START_PAUSE_MS)
      return Promise.reject(failure.error);
    this.#started ??= this.#start().then(
      () => {
        this.#started = null;
      },
      (error: unknown) => {
        this.#started = null;
        this.#failure = { error, atMs: monotonicMs() };
        throw error;
      },
    );
    return this.#started;
  }

  /** @throws KvError why reads fail or all writes would be refused */
  async health(): Promise<void> {
    this.assertOpen();
    await this.start();
    await this.#inspector.health();
  }

  /** The state of the cluster, a few seconds old at most. */
  async figures(): Promise<ClusterFigures> {
    this.assertOpen();
    await this.start();
    return await this.#inspector.figures();
  }

  /** Tells the owner of the store what is wrong. */
  report(problem: KvError): void {
    this.#onProblem(problem);
  }

  /** Checks the cluster if a minute has passed since the last check. */
  async checkWhenDue(): Promise<void> {
    if (this.#isReady) await this.#inspector.checkWhenDue();
  }

  /** Refuses everything from now on, and finishes what is in flight. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #start(): Promise<void> {
    let topology = await this.#cluster.look();
    const unassigned = slotProblems(topology).filter(({ name }) => name === UNASSIGNED);
    if (unassigned.length > 0) throw settingsError(unassigned.map(({ message }) => message));
    const format = await readFormat(this.#cluster, this.partitions);
    const { acks, replicas: given } = this.locator;
    const known = acks === "1" ? 0 : (given ?? format.replicas);
    for (let looks = 1; known === null && isUneven(topology) && looks < SHAPE_LOOKS_MAX; looks++) {
      await new Promise((resolve) => setTimeout(resolve, SHAPE_PAUSE_MS));
      topology = await this.#cluster.look();
    }
    this.#inspector.replicas = known;
    const { problems } = await this.#inspector.inspect(topology);
    const refusing = problems.filter(({ refuses }) => refuses);
    if (refusing.length > 0) throw settingsError(refusing.map(({ message }) => message));
    await assertRights(this.#cluster, this.partitions);
    const replicas = known ?? replicasOf(topology);
    this.#inspector.replicas = replicas;
    this.#cluster.replicas = replicas;
    const remembered = acks === "1" ? null : replicas;
    this.#inspector.storeId = await writeFormat(this.#cluster, this.partitions, format, remembered);
    this.#isReady = true;
    this.#inspector.report();
    this.#timer = setInterval(() => void this.checkWhenDue(), SETTINGS_CHECK_MS);
    this.#timer.unref();
  }

  async #close(): Promise<void> {
    this.#stopped.abort();
    await Promise.allSettled([...this.#running]);
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#cluster.close();
  }
}
