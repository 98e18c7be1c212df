// `npm run test:browsers`: the flows that depend on the browser, in Chromium, Firefox and WebKit.
// Arguments are handed to vitest.
//
// Installs what is missing with apt-get where there is one; elsewhere it says which variable names
// the program.
import { spawnSync } from "node:child_process";
import { accessSync, constants, readdirSync } from "node:fs";
import { join } from "node:path";
import { ensureBrowser } from "./ensure-browser.mjs";

/**
 * A program that the tests start: the variable that names it, its Debian package, and where it
 * usually is.
 *
 * @typedef {{ variable: string, package: string, places: () => string[] }} Program
 */

/** @type {Program[]} */
const PROGRAMS = [
	{
		variable: "PORTCULLIS_FIREFOX",
		package: "firefox-esr",
		places: () => [
			"/usr/bin/firefox-esr",
			"/usr/bin/firefox",
			"/Applications/Firefox.app/Contents/MacOS/firefox",
		],
	},
	{
		variable: "PORTCULLIS_WEBKIT_DRIVER",
		package: "webkit2gtk-driver",
		places: () => ["/usr/bin/WebKitWebDriver"],
	},
	{ variable: "PORTCULLIS_MINIBROWSER", package: "webkit2gtk-driver", places: miniBrowsers },
	{ variable: "PORTCULLIS_XVFB", package: "xvfb", places: () => ["/usr/bin/Xvfb"] },
];

const root = join(import.meta.dirname, "..");

try {
	process.env.PORTCULLIS_CHROMIUM = ensureBrowser();
	ensurePrograms();
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exit(1);
}
const { status } = spawnSync(
	"vitest",
	["run", "--config", "vitest.engines.config.ts", "--reporter=verbose", ...process.argv.slice(2)],
	{ cwd: root, stdio: ["ignore", "inherit", "inherit"], shell: process.platform === "win32" },
);
process.exit(status ?? 1);

/** Sets the variable of each program, and installs those that are not there. */
function ensurePrograms() {
	const missing = PROGRAMS.filter((program) => !find(program));
	if (missing.length === 0) return;
	install([...new Set(missing.map((program) => program.package))]);
	const still = missing.filter((program) => !find(program));
	if (still.length > 0)
		throw new Error(`Not found: ${still.map(describe).join(", ")}. Set the variable to its path.`);
}

/**
 * True if the variable names an executable file, or a usual place has one, which is then noted in
 * the variable.
 *
 * @param {Program} program
 */
function find({ variable, places }) {
	const named = process.env[variable];
	if (named && !isExecutable(named))
		throw new Error(`${variable} is ${named}, which is not an executable file.`);
	const path = named || places().find(isExecutable);
	if (path === undefined) return false;
	process.env[variable] = path;
	return true;
}

/** @param {string} path */
function isExecutable(path) {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

/**
 * WebKitGTK keeps its own little browser in a folder with the architecture and the version of the
 * API in its name.
 */
function miniBrowsers() {
	const folders = [
		"/usr/lib",
		...list("/usr/lib").filter((path) => path.includes("-linux-")),
		"/usr/libexec",
	];
	return folders
		.flatMap(list)
		.filter((path) => /\/webkit(2gtk|gtk)-[\d.]+$/.test(path))
		.map((path) => join(path, "MiniBrowser"));
}

/** @param {string} folder */
function list(folder) {
	try {
		return readdirSync(folder).map((name) => join(folder, name));
	} catch {
		return [];
	}
}

/** @param {string[]} packages */
function install(packages) {
	if (process.platform !== "linux" || spawnSync("apt-get", ["--version"]).status !== 0) {
		const wanted = PROGRAMS.filter((program) => !find(program)).map(describe);
		throw new Error(
			`Not found: ${wanted.join(", ")}. Install them and set the variables to their paths.`,
		);
	}
	const prefix = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
	const command = [...prefix, "apt-get", "install", "-y", "--no-install-recommends", ...packages];
	if (run(command)) return;
	// A fresh container has no package lists yet.
	run([...prefix, "apt-get", "update"]);
	if (!run(command)) throw new Error(`\`${command.join(" ")}\` failed: see above.`);
}

/** @param {string[]} command */
function run([file = "", ...args]) {
	console.error(`> ${[file, ...args].join(" ")}`);
	const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
	return spawnSync(file, args, { stdio: ["ignore", "inherit", "inherit"], env }).status === 0;
}

/** @param {Program} program */
function describe(program) {
	return `${program.package} (${program.variable})`;
}
