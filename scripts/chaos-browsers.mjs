// npm run chaos:browsers [-- <seconds> [<seed>]]: tabs of real Chromium that come and go in the
// middle of refreshes, for ten minutes by default. Prints what came of it, and fails if a session
// was lost or a token spent twice.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensureBrowser } from "./ensure-browser.mjs";

const [seconds = "600", seed] = process.argv.slice(2);
if (!/^\d+$/.test(seconds) || !/^\d*$/.test(seed ?? "")) {
	console.error("npm run chaos:browsers -- <seconds> <seed>");
	process.exit(2);
}
const root = join(import.meta.dirname, "..");
const env = {
	...process.env,
	PORTCULLIS_CHROMIUM: ensureBrowser(),
	PORTCULLIS_CHAOS_SECONDS: seconds,
	...(seed ? { PORTCULLIS_CHAOS_SEED: seed } : {}),
};
const { status } = spawnSync(
	"vitest",
	["run", "--project", "browsers", "packages/portcullis/test/browsers/chaos.test.ts"],
	{ cwd: root, env, stdio: ["ignore", "inherit", "inherit"], shell: process.platform === "win32" },
);
process.exit(status ?? 1);
