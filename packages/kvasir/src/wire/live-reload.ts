/** Where pages wait for edits under `--live-reload`. Path, protocol and message are wrangler's. */
export const LIVE_RELOAD_PATH = "/cdn-cgi/live-reload";
export const LIVE_RELOAD_PROTOCOL = "WRANGLER_PROXYWORKER_LIVE_RELOAD_PROTOCOL";
export const LIVE_RELOAD_MESSAGE = "reload";

/** The path behind the secret of the control entrypoint that makes all pages reload. */
export const RELOAD_PAGES_PATH = "live-reload";
