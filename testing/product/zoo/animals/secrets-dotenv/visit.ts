import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "projects with .env files, where one variable is made of others, and .env.local beside it",
  files: {
    ".env": 'HOST=localhost\nURL="http://$' + '{HOST}:8080"\nFALLBACK=$' + "{NONE:-default}\nBOTH=first\n",
    ".env.local": "BOTH=second\nLOCAL=1\n",
  },
  async visit({ send }) {
    await send("GET /", { shows: '"URL":"http://localhost:8080"' });
  },
};
export default animal;
