/**
 * Takes `KVASIR_TOKEN` out of the environment, so that nothing started from here (workerd, the bundler, a
 * function that is given the process's environment) can see it.
 */
export function takeAdminToken(): string | undefined {
  const token = process.env["KVASIR_TOKEN"];
  delete process.env["KVASIR_TOKEN"];
  return token === "" ? undefined : token;
}
