import type { Animal } from "../../animal.js";

const STORE = "node_modules/.pnpm";

const animal: Animal = {
  like: "projects that pnpm installed: every package is a link into node_modules/.pnpm",
  links: {
    "node_modules/greeter": ".pnpm/greeter@1.0.0/node_modules/greeter",
    "node_modules/hono": ".pnpm/hono@4.0.0/node_modules/hono",
    [`${STORE}/greeter@1.0.0/node_modules/words`]: "../../words@2.0.0/node_modules/words",
  },
  storePackages: { [`${STORE}/hono@4.0.0/node_modules/hono`]: "hono" },
  files: {
    [`${STORE}/greeter@1.0.0/node_modules/greeter/package.json`]:
      '{"name":"greeter","version":"1.0.0","main":"index.js","module":"index.mjs"}',
    [`${STORE}/greeter@1.0.0/node_modules/greeter/index.mjs`]:
      'import { hello } from "words";\nexport const greet = (name) => [hello, name].join(", ");\n',
    [`${STORE}/greeter@1.0.0/node_modules/greeter/index.js`]: 'throw new Error("the wrong file");\n',
    [`${STORE}/words@2.0.0/node_modules/words/package.json`]:
      '{"name":"words","version":"2.0.0","exports":{"workerd":"./workerd.js","default":"./node.js"}}',
    [`${STORE}/words@2.0.0/node_modules/words/workerd.js`]: 'exports.hello = "Hello from workerd";\n',
    [`${STORE}/words@2.0.0/node_modules/words/node.js`]: 'exports.hello = "Hello from Node";\n',
  },
  async visit({ send }) {
    await send("GET /", { shows: "Hello from workerd, pnpm" });
    const page = await send("GET /etag/page", { shows: "page" });
    await send("GET /etag/page", { status: 304, headers: { "if-none-match": String(page.headers.etag) } });
  },
};
export default animal;
