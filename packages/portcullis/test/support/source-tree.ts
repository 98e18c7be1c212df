import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder of the package. */
export const packageFolder: string = join(import.meta.dirname, "..", "..");
/** The root of the repository. */
export const repositoryFolder: string = join(packageFolder, "..", "..");

/**
 * Files below a folder whose name ends in one of `endings`, as paths with `/`, sorted. Skips
 * `node_modules`.
 */
export function filesBelow(folder: string, endings: readonly string[]): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
		.map((entry) =>
			join(entry.parentPath, entry.name)
				.slice(folder.length + 1)
				.replaceAll("\\", "/"),
		)
		.filter((path) => !/(^|\/)node_modules\//.test(path))
		.sort();
}

/** The package's sources: text by path below `src`. */
export function readSources(): Map<string, string> {
	const src = join(packageFolder, "src");
	return new Map(
		filesBelow(src, [".ts", ".tsx"]).map((path) => [path, readFileSync(join(src, path), "utf8")]),
	);
}
