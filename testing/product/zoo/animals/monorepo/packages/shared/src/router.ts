export function route(request: Request): { resource: string; id: string } {
  const [, resource = "", id = ""] = new URL(request.url).pathname.split("/");
  return { resource, id };
}
