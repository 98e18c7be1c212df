// Finds the proxies that tests put in front of the app; installs the system's packages of those
// that are not there, if that may be done without asking, that is as root with apt-get.
//
//     node scripts/ensure-proxies.mjs        prints where each of them is
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Proxies, by the variable that names the program. Each prints its version for the argument beside
 * it.
 *
 * @type {Readonly<Record<string, { readonly name: string, readonly version: string }>>}
 */
const PROXIES = {
	PORTCULLIS_NGINX: { name: "nginx", version: "-v" },
	PORTCULLIS_HAPROXY: { name: "haproxy", version: "-v" },
	PORTCULLIS_CADDY: { name: "caddy", version: "version" },
};

const FOLDERS = [
	"/usr/sbin",
	"/usr/bin",
	"/usr/local/sbin",
	"/usr/local/bin",
	"/opt/homebrew/bin",
	...(process.env.PATH ?? "").split(delimiter),
];

if (import.meta.main ?? process.argv[1] === import.meta.filename) console.log(ensureProxies());

/**
 * Paths of the proxies that start, by variable: what the variable names, else what is in a usual
 * place, else what could be installed. Of the others it says on standard error that their tests are
 * skipped.
 *
 * @returns {Record<string, string>}
 * @throws {Error} if a variable names a program that does not start, or if nginx is missing on a
 *   build server (`CI=true`).
 */
export function ensureProxies() {
	const missing = Object.entries(PROXIES).filter(([variable]) => find(variable) === undefined);
	if (missing.length > 0) install(missing.map(([, { name }]) => name));
	/** @type {Record<string, string>} */
	const found = {};
	for (const [variable, { name }] of Object.entries(PROXIES)) {
		const path = find(variable);
		if (path !== undefined) found[variable] = path;
		else if (name === "nginx" && process.env.CI === "true")
			throw new Error(
				`There is no nginx here, and a build server must not skip its tests: install it or set ${variable}.`,
			);
		else
			console.error(
				`There is no ${name} here: the tests behind it are SKIPPED. Install it or set ${variable}.`,
			);
	}
	return found;
}

/** @param {string} variable */
function find(variable) {
	const { name, version } = PROXIES[variable] ?? { name: "", version: "" };
	const named = process.env[variable];
	if (named) {
		if (runs(named, version)) return named;
		throw new Error(`${variable} is ${named}, which does not start.`);
	}
	return FOLDERS.map((folder) => join(folder, name)).find((path) => runs(path, version));
}

/**
 * @param {string} path
 * @param {string} version
 */
function runs(path, version) {
	try {
		accessSync(path, constants.X_OK);
	} catch {
		return false;
	}
	return spawnSync(path, [version], { timeout: 30_000 }).status === 0;
}

/** @param {string[]} packages */
function install(packages) {
	if (process.platform !== "linux" || process.getuid?.() !== 0) return;
	if (spawnSync("apt-get", ["--version"]).status !== 0) return;
	const command = ["apt-get", "install", "-y", "--no-install-recommends", ...packages];
	if (apt(command)) return;
	// A fresh container has no package lists yet.
	apt(["apt-get", "update"]);
	apt(command);
}

/** @param {string[]} command */
function apt([file = "", ...args]) {
	console.error(`> ${[file, ...args].join(" ")}`);
	// At run level 1 packages do not start what they install: only the program is wanted.
	const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
	return spawnSync(file, args, { stdio: ["ignore", "inherit", "inherit"], env }).status === 0;
}
