import type { Clock } from "../../store/clock.js";
import type { Entry } from "../../store/entry.js";
import type { ListPage } from "../../store/listing.js";
import { seededDraw } from "./draw.js";
import { KeptAnswers } from "./kept-answers.js";
import { PAGES_KEPT_MAX, READS_KEPT_MAX } from "./limits.js";
import { questionOf } from "./question.js";
import { RecentWrites } from "./recent-writes.js";

/** What the layer remembers of reads and writes. */
export class Memory {
  readonly clock: Clock;
  readonly reads: KeptAnswers<Entry | null>;
  readonly pages: KeptAnswers<ListPage>;
  readonly writes: RecentWrites;

  constructor(clock: Clock, seed: number) {
    const draw = seededDraw(seed);
    this.clock = clock;
    this.reads = new KeptAnswers({ clock, draw, sizeMax: READS_KEPT_MAX });
    this.pages = new KeptAnswers({ clock, draw, sizeMax: PAGES_KEPT_MAX });
    this.writes = new RecentWrites({ clock, draw });
  }

  forgetNamespace(id: string): void {
    const prefix = questionOf(id, "");
    for (const remembered of [this.reads, this.pages, this.writes]) remembered.forgetPrefix(prefix);
  }
}
