// Finds a Redis server for the tests of the shared store; installs the system's package where there
// is none.
//
//     node scripts/ensure-redis.mjs        prints the path
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const PLACES = [
	"/usr/bin/redis-server",
	"/usr/local/bin/redis-server",
	"/opt/homebrew/bin/redis-server",
	"/usr/bin/valkey-server",
	"/usr/local/bin/valkey-server",
	...(process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "redis-server")),
];

const ELSEWHERE =
	"Install Redis 7 or Valkey with your system's own means and set PORTCULLIS_REDIS_SERVER to the path of its server.";

if (import.meta.main ?? process.argv[1] === import.meta.filename) console.log(ensureRedis());

/**
 * Path of a Redis server that starts: what `PORTCULLIS_REDIS_SERVER` names, else one in a usual
 * place, else one that `apt-get` installs.
 *
 * @returns {string}
 * @throws {Error} if there is none and none can be installed; the message says what to do
 */
export function ensureRedis() {
	const named = process.env.PORTCULLIS_REDIS_SERVER;
	if (named) {
		if (runs(named)) return named;
		throw new Error(`PORTCULLIS_REDIS_SERVER is ${named}, which does not start. ${ELSEWHERE}`);
	}
	const present = PLACES.find(runs);
	if (present !== undefined) return present;
	installRedis();
	const installed = PLACES.find(runs);
	if (installed !== undefined) return installed;
	throw new Error(`There is no Redis that starts, also after installing the package. ${ELSEWHERE}`);
}

/** @param {string} path */
function runs(path) {
	try {
		accessSync(path, constants.X_OK);
	} catch {
		return false;
	}
	return spawnSync(path, ["--version"], { timeout: 30_000 }).status === 0;
}

function installRedis() {
	if (process.platform !== "linux" || spawnSync("apt-get", ["--version"]).status !== 0) {
		throw new Error(`There is no Redis here, and no apt-get to install one. ${ELSEWHERE}`);
	}
	const prefix = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
	const command = [
		...prefix,
		"apt-get",
		"install",
		"-y",
		"--no-install-recommends",
		"redis-server",
	];
	if (apt(command)) return;
	// A fresh container has no package lists yet.
	apt([...prefix, "apt-get", "update"]);
	if (!apt(command))
		throw new Error(
			`There is no Redis here, and \`${command.join(" ")}\` failed: see above. ${ELSEWHERE}`,
		);
}

/** @param {string[]} command */
function apt([file = "", ...args]) {
	console.error(`> ${[file, ...args].join(" ")}`);
	const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
	return spawnSync(file, args, { stdio: ["ignore", "inherit", "inherit"], env }).status === 0;
}
