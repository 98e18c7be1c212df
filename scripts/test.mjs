// `npm test`: build, lint, type check, then the tests. With `--long` first, as `npm run test:long`
// has it: a build, then the long parts of the tests alone. Further arguments are handed to vitest.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureBrowser } from "./ensure-browser.mjs";
import { ensureHosts } from "./ensure-hosts.mjs";
import { ensureProxies } from "./ensure-proxies.mjs";
import { ensureRedis } from "./ensure-redis.mjs";

const root = join(import.meta.dirname, "..");
const isLong = process.argv[2] === "--long";
const args = process.argv.slice(isLong ? 3 : 2);
const part = isLong ? "test-long" : "test";
const countsFile = join(root, ".tmp", `${part}-counts.json`);
const summaryFile = join(root, ".tmp", `${part}-summary.txt`);
const windows = process.platform === "win32";

mkdirSync(join(root, ".tmp"), { recursive: true });
rmSync(countsFile, { force: true });
rmSync(summaryFile, { force: true });

/** @type {string[]} */
const failures = [];
find("browser", () => ({ PORTCULLIS_CHROMIUM: ensureBrowser() }));
find("redis", () => ({ PORTCULLIS_REDIS_SERVER: ensureRedis() }));
find("proxies", ensureProxies);
find("hosts", () => {
	ensureHosts();
	return {};
});
if (step("build", "npm", ["run", "--silent", "build"])) {
	if (!isLong) {
		step("lint", "npm", ["run", "--silent", "lint"]);
		step("typecheck", "npm", ["run", "--silent", "typecheck"]);
	}
	const reporters = ["--reporter=default", "--reporter=./scripts/counts-reporter.mjs"];
	const config = isLong ? ["--config", "vitest.long.config.ts"] : [];
	step("tests", "vitest", ["run", ...config, ...reporters, ...args]);
}
finish();

/**
 * Finds programs that tests start, and tells them where these are. If it throws, the run fails.
 *
 * @param {string} name
 * @param {() => Record<string, string>} ensure Paths by the variable that names them.
 */
function find(name, ensure) {
	try {
		Object.assign(process.env, ensure());
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		failures.push(name);
	}
}

/**
 * Runs one step and notes whether it failed. Lint and types do not keep the tests from running: one
 * run shows everything.
 *
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 */
function step(name, command, args) {
	console.log(`\n> ${name}`);
	const env = { ...process.env, PORTCULLIS_TEST_COUNTS: countsFile, PORTCULLIS_TEST_ALL: "yes" };
	const { status } = spawnSync(command, args, {
		cwd: root,
		stdio: ["ignore", "inherit", "inherit"],
		shell: windows,
		env,
	});
	if (status !== 0) failures.push(name);
	return status === 0;
}

/**
 * Prints and keeps the closing lines, the counts last. Without a single passed test the run has
 * failed, no matter what else it printed.
 */
function finish() {
	const { passed, failed, skipped } = counts();
	const lines = [
		failures.length === 0
			? `${isLong ? "build" : "build, lint, typecheck"}: ok`
			: `failed steps: ${failures.join(", ")}`,
		...(skipped > 0 ? [`${skipped} skipped`] : []),
		`${passed} passed, ${failed} failed`,
	];
	writeFileSync(summaryFile, `${lines.join("\n")}\n`);
	console.log(`\n${lines.join("\n")}`);
	process.exit(failures.length === 0 && failed === 0 && passed > 0 ? 0 : 1);
}

/** @returns {{ passed: number, failed: number, skipped: number }} */
function counts() {
	try {
		return JSON.parse(readFileSync(countsFile, "utf8"));
	} catch {
		return { passed: 0, failed: 0, skipped: 0 };
	}
}
