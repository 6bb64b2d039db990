import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "projects with .dev.vars, quotes and all, beside vars",
  files: {
    ".dev.vars": `# secrets
API_KEY="quoted # not a comment"
OVERRIDDEN=from .dev.vars # a comment
MULTI="line one\\nline two"
SINGLE='raw \\n $HOME'
EXPANDED=\${API_KEY}/x
export SHELL_STYLE=yes
EMPTY=
`,
    ".env": "IGNORED=since .dev.vars is there\n",
  },
  async visit({ send }) {
    await send("GET /", { shows: "quoted # not a comment" });
  },
};
export default animal;
