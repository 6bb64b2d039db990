const LIFETIME_SECONDS = 3600;

// A visitor is known by a random id in a cookie; what is known about them is kept under it.
export default async (req, res) => {
  const id = req.cookies.session ?? crypto.randomUUID();
  const key = `session:${id}`;

  if (req.method === "DELETE") {
    await kv.delete(key);
    return res.clearCookie("session").send();
  }

  const session = (await kv.get(key)) ?? { since: new Date().toISOString(), visits: 0 };
  session.visits++;
  // Each visit starts the hour anew.
  await kv.set(key, session, LIFETIME_SECONDS);
  res.cookie("session", id, { httpOnly: true, sameSite: "Lax", maxAge: LIFETIME_SECONDS * 1000 });
  res.json(session);
};
