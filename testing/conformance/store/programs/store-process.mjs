// A process with an open store. It runs the calls that its parent sends, with the build.
import { open } from "@kvasir/store";

const { store } = open(process.argv[2]);
const watches = new Map();

process.on("message", async ({ id, method, args }) => {
  try {
    process.send({ id, result: await run(method, args) });
  } catch (error) {
    process.send({ id, error: { code: error.code, message: error.message } });
  }
});
process.send({ id: 0 });

async function run(method, args) {
  switch (method) {
    case "increments": {
      const [namespace, key, count] = args;
      await Promise.all(
        Array.from({ length: count }, () => store.entries.increment(namespace, key, 1, null)),
      );
      return;
    }
    case "putText":
      return store.entries.put(args[0], args[1], input(args[2]), args[3]);
    case "getText": {
      const entry = await store.entries.get(args[0], args[1]);
      return entry === null ? null : Buffer.from(entry.value).toString();
    }
    case "readWithoutEnd": {
      const read = () => {
        store.entries.get(args[0], args[1]);
        setImmediate(read);
      };
      return read();
    }
    case "grow": {
      const [namespace, count, byteLength] = args;
      for (let at = 0; at < count; at++) {
        await store.entries.put(namespace, `grown${at}`, {
          ...input(""),
          value: Buffer.alloc(byteLength, 1),
        });
      }
      return;
    }
    case "createNamespace":
      return store.namespaces.create(...args);
    case "deleteNamespace":
      return store.namespaces.delete(...args);
    case "watch":
      watches.set(args[0], store.changes.watch({ ...args[1], namespace: args[0] })[Symbol.asyncIterator]());
      return;
    case "nextChange":
      return (await watches.get(args[0]).next()).value;
    case "close":
      await store.close();
      process.disconnect();
      return;
    default:
      throw new Error(`There is no call ${method}`);
  }
}

function input(text) {
  return { value: Buffer.from(text), expirationMs: null, metadata: null, contentType: null };
}
