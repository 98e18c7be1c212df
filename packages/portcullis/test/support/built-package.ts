import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { filesBelow, packageFolder } from "./source-tree.ts";

/** One public entry of the package, from the `exports` of its package.json. */
export interface Entry {
	/** As an app imports it: `portcullis`, `portcullis/errors`. */
	readonly specifier: string;
	/** Path of its declarations below the package folder. */
	readonly types: string;
	/** Path of its code below the package folder. */
	readonly code: string;
}

/** The package.json of the package, as far as the tests look at it. */
export interface Manifest {
	readonly name: string;
	readonly version: string;
	readonly bin: Readonly<Record<string, string>>;
	readonly exports: Readonly<Record<string, string | { types: string; default: string }>>;
	readonly dependencies: Readonly<Record<string, string>>;
	readonly peerDependencies: Readonly<Record<string, string>>;
}

export const manifest: Manifest = JSON.parse(
	readFileSync(join(packageFolder, "package.json"), "utf8"),
);

/** Every entry that holds code: all of `exports` but `./package.json`. */
export const entries: readonly Entry[] = Object.entries(manifest.exports).flatMap(
	([subpath, target]) =>
		typeof target === "string"
			? []
			: [
					{
						specifier: manifest.name + subpath.slice(1),
						types: target.types,
						code: target.default,
					},
				],
);

/**
 * Throws unless `dist` was built from the sources as they are: the tests of what is shipped would
 * otherwise look at yesterday's.
 */
export function assertFreshBuild(): void {
	const sources = filesBelow(join(packageFolder, "src"), [".ts", ".tsx"]).filter(
		// Pages are shipped as text alone, in views/page-scripts.ts.
		(path) => !/^pages\/|\.(test|fixture|d)\.tsx?$/.test(path),
	);
	const stale = sources.filter((path) => {
		// Of each file there are declarations; its code is bundled with others'.
		const built = modified(join(packageFolder, "dist", path.replace(/\.tsx?$/, ".d.ts")));
		return built === undefined || built < (modified(join(packageFolder, "src", path)) ?? 0);
	});
	if (stale.length > 0)
		throw new Error(
			`dist is older than src (${stale.slice(0, 3).join(", ")}): run \`npm run build\` first`,
		);
}

function modified(path: string): number | undefined {
	return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}
