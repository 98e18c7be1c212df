// Builds packages/portcullis if dist is missing or older than the sources.
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const packageFolder = join(import.meta.dirname, "..", "packages", "portcullis");

/** Ends the process if the build fails: what runs next would be another program than the sources say. */
export function ensureFreshBuild() {
	if (!isStale()) return;
	console.log("Building the package ...");
	const { status } = spawnSync(process.execPath, [join(import.meta.dirname, "build.mjs")], { stdio: "inherit" });
	if (status !== 0) process.exit(status ?? 1);
}

function isStale() {
	const source = join(packageFolder, "src");
	return readdirSync(source, { recursive: true, encoding: "utf8" })
		.filter((file) => /\.tsx?$/.test(file) && !/\.(test|d)\.tsx?$/.test(file))
		.some((file) => {
			const built = modified(join(packageFolder, "dist", file.replace(/\.tsx?$/, ".js")));
			return built === undefined || built < (modified(join(source, file)) ?? 0);
		});
}

/** @param {string} file */
function modified(file) {
	return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
