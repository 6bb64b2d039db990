import { execFileSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { workerdPath } from "../../../packages/kvasir/src/functions/config/workerd-package.js";
import { capnpText } from "../../../packages/kvasir/src/functions/workerd/capnp-text.js";
import { Project } from "../../harness/project.js";

// workerd's own parser decides: it turns the text into a binary message, in which every text must be found.

it("writes every text and every blob so that workerd reads the same", () => {
  const project = new Project();
  const character = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom('"', "\\", "\\x", "\n", "\r", "\t", "\u2028", "é", "\u007f"),
  );
  const text = fc
    .array(character, { maxLength: 20 })
    .map((parts) => Buffer.from(parts.join("")).toString().replaceAll("\0", ""));
  const values = fc.record({
    texts: fc.array(text, { maxLength: 30 }),
    blob: fc.uint8Array({ maxLength: 50 }),
  });
  try {
    fc.assert(
      fc.property(values, ({ texts, blob }) => {
        const config = {
          services: [
            {
              name: "service",
              worker: {
                serviceWorkerScript: "",
                bindings: [
                  ...texts.map((value, at) => ({ name: `t${at}`, text: value })),
                  { name: "blob", data: blob },
                ],
              },
            },
          ],
        };
        project.write({
          "c.capnp": `using Workerd = import "/workerd/workerd.capnp";\nconst config :Workerd.Config = ${capnpText(config)};\n`,
        });
        const binary = execFileSync(workerdPath(), [
          "compile",
          "--config-only",
          join(project.root, "c.capnp"),
        ]);
        // A NUL follows each text in the message.
        for (const value of texts) expect(binary.includes(Buffer.from(`${value}\0`))).toBe(true);
        expect(binary.includes(Buffer.from(blob))).toBe(true);
      }),
      { numRuns: 40 },
    );
  } finally {
    project.remove();
  }
}, 60_000);
