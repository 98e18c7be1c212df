// Installs the frameworks in `hosts/` that tests put the gate in front of, and builds what needs a
// build. Each folder is a package of its own: the workspace, and with it the demo, does without
// them.
//
//     node scripts/ensure-hosts.mjs
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const HOSTS = join(import.meta.dirname, "../hosts");

if (import.meta.main ?? process.argv[1] === import.meta.filename) ensureHosts();

/**
 * Does nothing where everything is there, and no build is older than its sources.
 *
 * @throws {Error} if something cannot be installed or built; npm has said why
 */
export function ensureHosts() {
	for (const name of readdirSync(HOSTS)) {
		const folder = join(HOSTS, name);
		if (!existsSync(join(folder, "package.json"))) continue;
		const isStale = !isInstalled(folder);
		// No package here needs a script of its own, and none is to run one.
		if (isStale) npm(folder, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
		const { scripts } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
		if (scripts?.build === undefined) continue;
		if (isStale || isOlder(join(folder, "build/handler.js"), filesBelow(join(folder, "src"))))
			npm(folder, ["run", "--silent", "build"]);
	}
}

/**
 * Whether what is installed is what the lock file says. Packages of other platforms are in the
 * second alone.
 *
 * @param {string} folder
 */
function isInstalled(folder) {
	// npm writes it last.
	const installed = join(folder, "node_modules/.package-lock.json");
	if (!existsSync(installed)) return false;
	const { packages } = JSON.parse(readFileSync(installed, "utf8"));
	const wanted = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")).packages;
	return Object.keys(wanted).every(
		(path) =>
			path === "" || wanted[path].optional || packages[path]?.version === wanted[path].version,
	);
}

/**
 * @param {string} made
 * @param {string[]} sources
 */
function isOlder(made, sources) {
	if (!existsSync(made)) return true;
	const { mtimeMs } = statSync(made);
	return sources.some((source) => statSync(source).mtimeMs > mtimeMs);
}

/** @param {string} folder */
function filesBelow(folder) {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name));
}

/**
 * @param {string} folder
 * @param {string[]} args
 */
function npm(folder, args) {
	console.error(`> npm ${args.join(" ")} in ${folder}`);
	const { status } = spawnSync("npm", args, {
		cwd: folder,
		stdio: ["ignore", "ignore", "inherit"],
		shell: process.platform === "win32",
	});
	if (status !== 0) throw new Error(`npm ${args.join(" ")} failed in ${folder}`);
}
