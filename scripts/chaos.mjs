// `npm run chaos`: many sessions through expiry after expiry, at a provider that rotates refresh
// tokens and is slow and unreliable.
//
//     npm run chaos -- --sessions 1000 --expiries 10 --latency 10000
//
// Prints what came of it, and ends with 1 if a session was lost, a token spent twice, or an answer
// given to another person.
import { parseArgs } from "node:util";
import { ensureFreshBuild } from "./fresh-build.mjs";

/** Where the parts are. TypeScript, which Node runs as it is. */
const CHAOS = new URL("../packages/portcullis/test/chaos", import.meta.url).href;

/** @type {Record<string, string>} */
const DEFAULTS = {
	sessions: "1000",
	requests: "20",
	tabs: "4",
	expiries: "10",
	replicas: "2",
	latency: "10000",
	atOnce: "60",
	failures: "0.05",
	closings: "0.02",
};

const { values } = parseArgs({
	options: Object.fromEntries(
		Object.entries(DEFAULTS).map(([name, value]) => [
			name,
			{ type: /** @type {const} */ ("string"), default: value },
		]),
	),
});
const options = Object.fromEntries(
	Object.entries(values).map(([name, value]) => [name, readNumber(name, value)]),
);

ensureFreshBuild();
await scripted();

/** Tabs without a screen, that run the client's own code for renewals. */
async function scripted() {
	const { runScriptedChaos } = await import(`${CHAOS}/scripted-chaos.ts`);
	console.log(`Scripted tabs: ${JSON.stringify(options)}`);
	const { problems, ...summary } = await runScriptedChaos({
		.../** @type {any} */ (options),
		both: true,
		progress: (/** @type {number} */ expiry) =>
			console.log(`  expiry ${expiry} of ${options.expiries}`),
	});
	console.log(JSON.stringify(summary, undefined, "\t"));
	for (const problem of problems.slice(0, 50)) console.error(problem);
	console.log(problems.length === 0 ? "Nothing was lost." : `${problems.length} problems.`);
	if (problems.length > 0) process.exitCode = 1;
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function readNumber(name, value) {
	const number = Number(value);
	if (Number.isFinite(number) && number >= 0) return number;
	console.error(`--${name} is not a number: ${value}`);
	process.exit(2);
}
