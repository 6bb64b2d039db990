addEventListener("fetch", (event) => {
  const key = event.request.headers.get("authorization");
  event.respondWith(
    key === KEY
      ? new Response("ok", { headers: { "x-user": "freyja" } })
      : new Response("who are you?", { status: 401 }),
  );
});
