/**
 * Faults tolerated here: twenty thousand hostile requests and connections, of every kind in
 * `hostile/attacks/`, several at a time, against a server with a small heap. Meanwhile a well-behaved client
 * is served, the health check responds, and what the attackers held is released.
 */
import { expect, onTestFinished, test } from "vitest";
import { Target } from "./connections/target.js";
import { TEST_LOAD, TEST_SECONDS_MAX } from "./hostile/limits.js";
import { besiege } from "./hostile/siege.js";
import { brokenPromises, renderSiege } from "./hostile/verdict.js";

test("attackers do not keep a server from serving others, nor keep what they take", async () => {
  const target = await Target.start();
  onTestFinished(() => target.kill());
  const report = await besiege(target, { seed: 1, load: TEST_LOAD, secondsMax: TEST_SECONDS_MAX });
  const broken = brokenPromises(report);
  expect(broken, `npm run fuzz -- --hostile ${TEST_LOAD}\n${renderSiege(report)}`).toEqual([]);
  expect(await target.isAlive(), target.said).toBe(true);
  expect(await target.stop(), target.said).toBe(0);
}, 300_000);
