import { preferences } from "@kvasir/client/recipes";

const DEFAULTS = { theme: "light", language: "en", notifications: true };
// Only changed values are stored, so that everyone else gets new defaults.
const settings = preferences(env.PREFERENCES, { defaults: DEFAULTS });

// GET /ada reads Ada's preferences, PATCH /ada changes some, DELETE /ada resets them to the defaults.
export default async (req, res) => {
  const [, user] = req.path.split("/");
  if (user === "") return res.status(400).json({ error: "Ask for a user: /ada" });

  switch (req.method) {
    case "GET":
      return res.json((await settings.get(user)).value);
    case "PATCH": {
      const unknown = Object.keys(req.body).filter((name) => !Object.hasOwn(DEFAULTS, name));
      if (unknown.length > 0) return res.status(400).json({ error: `Unknown: ${unknown.join(", ")}` });
      return res.json((await settings.patch(user, req.body)).value);
    }
    case "DELETE":
      return res.json((await settings.reset(user)).value);
    default:
      return res.set("Allow", "GET, PATCH, DELETE").sendStatus(405);
  }
};
