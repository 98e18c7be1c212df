// `npm run fuzz`: changed and hostile inputs for everything that strangers and providers send, for
// a minute.
//
//     npm run fuzz -- --seconds 600 --target "ID token claims"
//     npm run fuzz -- --runs 5000 --seed 7
//
// Prints the seed; with `--seed` and the same `--runs` the same inputs come again. `--seconds` are
// those of all targets together. Ends with 1 if an input broke what must hold, and prints the
// smallest one.
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensureHosts } from "./ensure-hosts.mjs";

const TESTS = "packages/portcullis/test/fuzz";

const { values } = parseArgs({
	options: {
		seconds: { type: "string" },
		runs: { type: "string" },
		seed: { type: "string" },
		target: { type: "string" },
	},
});
const seed = readNumber("seed", values.seed ?? String(randomInt(2 ** 31)));
const runs = readNumber("runs", values.runs ?? "0");
const seconds = readNumber("seconds", values.seconds ?? (values.runs === undefined ? "60" : "0"));
console.log(
	`Seed ${seed}, ${[seconds && `${seconds} seconds`, runs && `${runs} inputs of each target`].filter(Boolean).join(", ")}`,
);

ensureHosts();
const child = spawn("vitest", ["run", "--project", "unit", "--maxWorkers", "1", TESTS], {
	cwd: join(import.meta.dirname, ".."),
	stdio: ["ignore", "inherit", "inherit"],
	shell: process.platform === "win32",
	env: {
		...process.env,
		PORTCULLIS_FUZZ_SEED: String(seed),
		PORTCULLIS_FUZZ_RUNS: String(runs),
		PORTCULLIS_FUZZ_SECONDS: String(seconds),
		...(values.target === undefined ? {} : { PORTCULLIS_FUZZ_TARGET: values.target }),
	},
});
child.on("exit", (code) => process.exit(code ?? 1));

/**
 * @param {string} name
 * @param {string} value
 */
function readNumber(name, value) {
	const number = Number(value);
	if (value !== "" && Number.isInteger(number) && number >= 0) return number;
	console.error(`--${name} is not a whole number: ${value}`);
	process.exit(2);
}
