import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "projects with env.staging and env.production, each with bindings of its own; --env chooses",
  args: ["--env", "staging"],
  files: { ".dev.vars": "SECRET=for-all\n", ".dev.vars.staging": "SECRET=for-staging\nMORE=yes\n" },
  async visit({ send }) {
    await send("GET /", { shows: '"stage":"staging"' });
    await send("GET /", { shows: '{"visits":2,"names":["MORE","NESTED","SECRET","STAGE"]' });
  },
};
export default animal;
