// Finds a Chromium for the tests that drive a browser; installs the system's package where there is
// none.
//
//     node scripts/ensure-browser.mjs        prints the path
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";

const PLACES = [
	"/usr/bin/chromium",
	"/usr/bin/chromium-browser",
	"/usr/bin/google-chrome",
	"/Applications/Chromium.app/Contents/MacOS/Chromium",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

const ELSEWHERE =
	"Install Chromium or Chrome with your system's own means and set PORTCULLIS_CHROMIUM to the path of its executable.";

if (import.meta.main ?? process.argv[1] === import.meta.filename) console.log(ensureBrowser());

/**
 * Path of a Chromium that starts: what `PORTCULLIS_CHROMIUM` names, else one in a usual place, else
 * one that `apt-get` installs.
 *
 * @returns {string}
 * @throws {Error} if there is none and none can be installed; the message says what to do
 */
export function ensureBrowser() {
	const named = process.env.PORTCULLIS_CHROMIUM;
	if (named) {
		if (runs(named)) return named;
		throw new Error(`PORTCULLIS_CHROMIUM is ${named}, which does not start. ${ELSEWHERE}`);
	}
	const present = PLACES.find(runs);
	if (present !== undefined) return present;
	installChromium();
	const installed = PLACES.find(runs);
	if (installed !== undefined) return installed;
	throw new Error(
		`There is no Chromium that starts, also after installing the package. ${ELSEWHERE}`,
	);
}

/** @param {string} path */
function runs(path) {
	try {
		accessSync(path, constants.X_OK);
	} catch {
		return false;
	}
	// Ubuntu's package is a stand-in that only says to install a snap: the file alone proves nothing.
	// Chrome on Windows opens a window instead of answering.
	return (
		process.platform === "win32" || spawnSync(path, ["--version"], { timeout: 30_000 }).status === 0
	);
}

function installChromium() {
	if (process.platform !== "linux" || spawnSync("apt-get", ["--version"]).status !== 0) {
		throw new Error(`There is no Chromium here, and no apt-get to install one. ${ELSEWHERE}`);
	}
	const prefix = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
	if (!apt([...prefix, "apt-get", "install", "-y", "chromium"])) {
		// A fresh container has no package lists yet.
		apt([...prefix, "apt-get", "update"]);
		if (!apt([...prefix, "apt-get", "install", "-y", "chromium"])) {
			throw new Error(
				`There is no Chromium here, and \`apt-get install -y chromium\` failed: see above. ${ELSEWHERE}`,
			);
		}
	}
}

/** @param {string[]} command */
function apt([file = "", ...args]) {
	console.error(`> ${[file, ...args].join(" ")}`);
	const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
	return spawnSync(file, args, { stdio: ["ignore", "inherit", "inherit"], env }).status === 0;
}
