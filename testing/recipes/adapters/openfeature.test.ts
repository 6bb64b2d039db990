import { openFeatureProvider } from "@kvasir/client/adapters/openfeature";
import { experiment, flags } from "@kvasir/client/recipes";
import { open } from "@kvasir/store";
import { OpenFeature, ProviderEvents } from "@openfeature/server-sdk";
import { afterAll, expect, test } from "vitest";

const database = open(":memory:");
const kv = database.namespace("flags");
afterAll(async () => {
  await OpenFeature.close();
  await database.close();
});

test("is a provider of OpenFeature's server SDK", async () => {
  const features = flags(kv);
  await features.set("on", { deny: ["bob"] });
  await features.set("button", { variants: { blue: 1 } });
  await features.set("size", { rules: [{ when: { plan: "pro" }, value: 30 }], value: 10 });
  await features.set("theme", { value: { dark: true } });
  const checkout = experiment(database.namespace("experiments"), { name: "checkout", variants: { a: 1 } });
  await checkout.expose("ada");
  const experiments = [checkout];
  await OpenFeature.setProviderAndWait(openFeatureProvider(kv, { cacheTtlSeconds: 3_600, experiments }));
  const client = OpenFeature.getClient();
  const ada = { targetingKey: "ada", plan: "pro" };
  expect(await client.getBooleanValue("on", false, ada)).toBe(true);
  expect(await client.getBooleanDetails("on", true, { targetingKey: "bob" })).toMatchObject({
    value: false,
    reason: "CACHED",
  });
  expect(await client.getStringDetails("button", "red", ada)).toMatchObject({
    value: "blue",
    variant: "blue",
    reason: "SPLIT",
  });
  expect(await client.getNumberDetails("size", 1, ada)).toMatchObject({
    value: 30,
    reason: "TARGETING_MATCH",
  });
  expect(await client.getNumberValue("size", 1, { targetingKey: "bob" })).toBe(10);
  expect(await client.getObjectValue("theme", {}, ada)).toEqual({ dark: true });
  expect(await client.getNumberDetails("button", 1, ada)).toMatchObject({
    value: 1,
    errorCode: "TYPE_MISMATCH",
  });
  expect(await client.getBooleanDetails("none", true, ada)).toMatchObject({
    value: true,
    errorCode: "FLAG_NOT_FOUND",
  });

  // Changes by others are told, although definitions are remembered for an hour.
  const changed: unknown[] = [];
  client.addHandler(ProviderEvents.ConfigurationChanged, (details) => changed.push(details?.flagsChanged));
  await features.set("on", { enabled: false });
  await expect.poll(() => changed).toEqual([["on"]]);
  expect(await client.getBooleanDetails("on", true, ada)).toMatchObject({ value: false, reason: "DISABLED" });

  client.track("paid", ada, { value: 10 });
  client.track("paid", {});
  await expect.poll(async () => (await checkout.results())["a"]?.conversions).toEqual({ paid: 1 });
});
