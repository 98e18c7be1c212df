import { readFileSync } from "node:fs";

/** Version of the installed package. */
export function packageVersion(): string {
	// Two levels up from src/cli and from dist/cli alike.
	const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
	return typeof manifest === "object" && manifest !== null && "version" in manifest
		? String(manifest.version)
		: "unknown";
}
