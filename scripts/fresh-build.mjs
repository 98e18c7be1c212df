// Builds packages/portcullis if dist is missing or older than the sources.
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const packageFolder = join(import.meta.dirname, "..", "packages", "portcullis");

/**
 * Ends the process if the build fails: what runs next would be another program than the sources
 * say.
 */
export function ensureFreshBuild() {
	if (!isStale()) return;
	console.log("Building the package ...");
	const { status } = spawnSync(process.execPath, [join(import.meta.dirname, "build.mjs")], {
		stdio: "inherit",
	});
	if (status !== 0) process.exit(status ?? 1);
}

/** A build writes everything anew, so that one file tells its age. */
function isStale() {
	const built = modified(join(packageFolder, "dist", "index.js"));
	const source = join(packageFolder, "src");
	const files = readdirSync(source, { recursive: true, encoding: "utf8" });
	return built === undefined || files.some((file) => (modified(join(source, file)) ?? 0) > built);
}

/** @param {string} file */
function modified(file) {
	return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
