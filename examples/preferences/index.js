const DEFAULTS = { theme: "light", language: "en", notifications: true };

// GET /ada reads, PATCH /ada changes some, DELETE /ada goes back to the defaults.
export default async (req, res) => {
  const [, user] = req.path.split("/");
  if (user === "") return res.status(400).json({ error: "Ask for a user: /ada" });
  const key = `preferences:${user}`;
  const own = (await kv.get(key)) ?? {};

  switch (req.method) {
    case "GET":
      return res.json({ ...DEFAULTS, ...own });
    case "PATCH": {
      const unknown = Object.keys(req.body).filter((name) => !Object.hasOwn(DEFAULTS, name));
      if (unknown.length > 0) return res.status(400).json({ error: `Unknown: ${unknown.join(", ")}` });
      // What nobody chose is not kept, so that new defaults reach everybody.
      await kv.set(key, { ...own, ...req.body });
      return res.json({ ...DEFAULTS, ...own, ...req.body });
    }
    case "DELETE":
      await kv.delete(key);
      return res.json(DEFAULTS);
    default:
      return res.set("Allow", "GET, PATCH, DELETE").sendStatus(405);
  }
};
