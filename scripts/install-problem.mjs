import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {{ version?: string, integrity?: string, link?: boolean, extraneous?: boolean,
 *   optional?: boolean, devOptional?: boolean, peer?: boolean, optionalDependencies?:
 *   Record<string, string> }} Entry
 * @typedef {{ detail: string, command: string[] }} InstallProblem
 */

/**
 * Says why the packages in `node_modules` are not those of `package-lock.json`, and which npm
 * command mends it; `undefined` if they are.
 *
 * Compares contents, not times: npm writes the two files in no promised order, and a checkout
 * touches only one of them.
 *
 * @param {string} root folder of the lockfile
 * @returns {InstallProblem | undefined}
 */
export function installProblem(root) {
	const wanted = packagesOf(join(root, "package-lock.json"));
	const installed = packagesOf(join(root, "node_modules", ".package-lock.json"));
	if (wanted === undefined) {
		return installed
			? undefined
			: { detail: "There is no package-lock.json", command: ["install"] };
	}
	const detail = installed ? difference(wanted, installed) : "The packages are not installed";
	if (detail === undefined) return undefined;
	const unlocked = unlockedOptional(wanted);
	if (unlocked === undefined) return { detail, command: ["ci"] };
	// A lockfile written where the registry has no such package leaves it out, and `npm ci` refuses
	// the whole file for it.
	return {
		detail: `${detail}; package-lock.json does not have ${unlocked}`,
		command: ["install", "--no-save"],
	};
}

/**
 * @param {Record<string, Entry>} wanted
 * @param {Record<string, Entry>} installed
 */
function difference(wanted, installed) {
	for (const [path, entry] of Object.entries(wanted)) {
		if (!path.includes("node_modules/") || entry.link || entry.extraneous) continue;
		const found = installed[path];
		// Packages for other platforms stay away, and peers may.
		if (found === undefined && (entry.optional || entry.devOptional || entry.peer)) continue;
		if (found?.version !== entry.version || found?.integrity !== entry.integrity) {
			return `${path} is not the one of package-lock.json`;
		}
	}
	return undefined;
}

/**
 * The first optional dependency of a package that the lockfile does not have.
 *
 * @param {Record<string, Entry>} wanted
 */
function unlockedOptional(wanted) {
	const names = new Set(
		Object.keys(wanted).map((path) => path.slice(path.lastIndexOf("node_modules/") + 13)),
	);
	return Object.values(wanted)
		.flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
		.find((name) => !names.has(name));
}

/**
 * @param {string} file
 * @returns {Record<string, Entry> | undefined}
 */
function packagesOf(file) {
	try {
		return JSON.parse(readFileSync(file, "utf8")).packages;
	} catch {
		return undefined;
	}
}
