// Runs a script of this repository with the Node that the repository pins, and installs what is
// missing first:
//
//     node scripts/with-node.mjs scripts/test.mjs [arguments]
//
// Plain JavaScript without dependencies, so that any Node from 20 on can start it in a fresh clone.
import { spawn, spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installProblem } from "./install-problem.mjs";

const root = fileURLToPath(new URL("..", import.meta.url)); // import.meta.dirname is younger than Node 20.0
const windows = process.platform === "win32";

install();
run(pinnedNode(), process.argv.slice(2));

function install() {
	const problem = installProblem(root);
	if (problem === undefined) return;
	const command = ["npm", ...problem.command];
	console.log(`${problem.detail}: running ${command.join(" ")}`);
	const { status } = spawnSync("npm", problem.command, {
		cwd: root,
		stdio: ["ignore", "inherit", "inherit"],
		shell: windows,
	});
	if (status === 0) return;
	console.error(
		`${command.join(" ")} failed: see above. What runs next needs the packages of package-lock.json.`,
	);
	process.exit(1);
}

/**
 * The `node` that npm installed; the running one where install scripts were off, if it is new
 * enough.
 */
function pinnedNode() {
	const pinned = join(root, "node_modules", "node", "bin", windows ? "node.exe" : "node");
	if (spawnSync(pinned, ["--version"]).status === 0) return pinned;
	const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
	const remedy = "npm may have skipped its install script: allow it and run `npm rebuild node`";
	if (major > 22 || (major === 22 && minor >= 18)) {
		console.warn(`The pinned Node does not run (${remedy}). Going on with ${process.version}.`);
		return process.execPath;
	}
	console.error(
		`The pinned Node does not run (${remedy}), and ${process.version} is older than 22.18.`,
	);
	process.exit(1);
}

/**
 * @param {string} node
 * @param {string[]} args
 */
function run(node, args) {
	const binaries = join(root, "node_modules", ".bin");
	const path = [binaries, process.env.PATH].filter(Boolean).join(delimiter);
	const child = spawn(node, args, {
		cwd: root,
		stdio: "inherit",
		env: { ...process.env, PATH: path },
	});
	// Ctrl-C reaches the child as well, which decides how to end; this process only waits for it.
	process.on("SIGINT", () => {});
	process.on("SIGTERM", () => child.kill("SIGTERM"));
	child.on("error", (error) => {
		console.error(`Cannot start ${node}: ${error.message}`);
		process.exit(1);
	});
	child.on("exit", (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
}
