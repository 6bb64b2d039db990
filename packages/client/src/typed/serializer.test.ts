import { expect, test } from "vitest";
import { ConfigError } from "./errors/failures.js";
import { jsonSerializer, resolveSerializer, type Serializer, textSerializer } from "./serializer.js";

test.each([{ a: 1 }, { a: { b: ["c", null] } }, [1, 2], "text", 0, null])("JSON keeps %j", (value) => {
  expect(jsonSerializer.deserialize(jsonSerializer.serialize(value))).toEqual(value);
});

test("JSON refuses a circle, and what it has no word for", () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  expect(() => jsonSerializer.serialize(circle)).toThrow(TypeError);
  expect(() => jsonSerializer.serialize(undefined)).toThrow("JSON cannot say undefined");
});

test("text passes through", () => {
  expect(textSerializer.serialize("42")).toBe("42");
  expect(textSerializer.deserialize("42")).toBe("42");
});

test("a serializer is found by name, or is one", () => {
  const own: Serializer<Date> = {
    serialize: (date) => date.toISOString(),
    deserialize: (raw) => new Date(raw),
  };
  expect(resolveSerializer()).toBe(jsonSerializer);
  expect(resolveSerializer("json")).toBe(jsonSerializer);
  expect(resolveSerializer("text")).toBe(textSerializer);
  expect(resolveSerializer(own)).toBe(own);
});

test.each(["arrayBuffer", "stream"] as const)("%s passes values on as they are", (name) => {
  const bytes = new Uint8Array([0, 255]);
  const { serialize, deserialize } = resolveSerializer<Uint8Array>(name);
  expect(serialize(bytes)).toBe(bytes);
  expect(deserialize(bytes as unknown as string)).toBe(bytes);
});

test("what is no serializer is refused at once, with the names of those there are", () => {
  expect(() => resolveSerializer("yaml" as "json")).toThrow(ConfigError);
  expect(() => resolveSerializer("yaml" as "json")).toThrow(/"yaml".*"arrayBuffer"/);
  expect(() => resolveSerializer({ serialize: String } as unknown as Serializer<string>)).toThrow(
    ConfigError,
  );
});
