/** This process's environment without the variables that would steer Kvasir. */
export function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const env = { ...process.env, ...extra };
  for (const name of ["KVASIR_URL", "KVASIR_TOKEN", "KVASIR_DEBUG", "FORCE_COLOR", "CLOUDFLARE_ENV"]) {
    if (extra[name] === undefined) delete env[name];
  }
  return env;
}
