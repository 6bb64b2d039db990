import { kv } from "@kvasir/client";
import { describe, expect, test } from "vitest";
import { collect } from "../collect.js";
import type { TypedCaseContext } from "../typed-case-context.js";

export function serializersCases(typed: TypedCaseContext): void {
  describe("serializers", () => {
    test("text counts numbers", async () => {
      const counters = kv<number>(typed.binding, { prefix: "count:", serializer: "text" });
      const increment = async () => {
        const next = ((await counters.get("hits")) ?? 0) + 1;
        await counters.put("hits", next);
        return next;
      };
      expect([await increment(), await increment(), await increment()]).toEqual([1, 2, 3]);
      expect(await typed.raw.get("count:hits")).toBe("3");
    });

    test("text gives strings of digits back as strings, with their metadata", async () => {
      const codes = kv<string>(typed.binding, { serializer: "text" });
      await codes.put("code", "123456", { metadata: { for: "ada" } });
      await codes.put("plain", "no number", { metadata: [1] });
      expect(await typed.raw.get("code")).toBe("123456");
      expect(await codes.get("code")).toBe("123456");
      expect(await codes.getWithMetadata("code")).toMatchObject({
        value: "123456",
        metadata: { for: "ada" },
      });
      expect(await codes.getMany(["code", "plain"])).toEqual(
        new Map([
          ["code", "123456"],
          ["plain", "no number"],
        ]),
      );
      expect(await collect(codes.list())).toMatchObject([
        { value: "123456", metadata: { for: "ada" } },
        { value: "no number", metadata: [1] },
      ]);
    });

    test("arrayBuffer keeps bytes", async () => {
      const files = kv<ArrayBuffer>(typed.binding, { serializer: "arrayBuffer" });
      const bytes = new Uint8Array([0, 255, 128, 10]);
      await files.put("f", bytes.buffer);
      expect(new Uint8Array((await files.get("f")) ?? new ArrayBuffer(0))).toEqual(bytes);
      expect((await files.getWithMetadata("f")).value?.byteLength).toBe(4);
    });

    test("stream keeps streams", async () => {
      const files = kv<ReadableStream>(typed.binding, { serializer: "stream" });
      await files.put("f", new Blob(["streamed"]).stream());
      expect(await new Response(await files.get("f")).text()).toBe("streamed");
      for await (const { value } of files.list()) expect(await new Response(value).text()).toBe("streamed");
      expect(await files.get("nothing")).toBeNull();
    });
  });
}
