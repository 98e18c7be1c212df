import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** Version of the installed package. */
export function packageVersion(): string {
	// By name and not by path: this file is somewhere else once it is bundled.
	const path = createRequire(import.meta.url).resolve("portcullis/package.json");
	const manifest: unknown = JSON.parse(readFileSync(path, "utf8"));
	return typeof manifest === "object" && manifest !== null && "version" in manifest
		? String(manifest.version)
		: "unknown";
}
