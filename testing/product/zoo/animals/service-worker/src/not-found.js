export function notFound(what) {
  return new Response(`no ${what}`, { status: 404, statusText: "Nothing There" });
}
