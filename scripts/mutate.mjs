// `npm run mutate`: switches checks off, one after the other, and runs the tests that are to
// notice.
//
//     npm run mutate                          all of them; writes docs/proof/mutation.md
//     npm run mutate -- no-nonce no-state     only these
//     npm run mutate -- app/gate.ts           only what is in this file
//     npm run mutate -- --json no-nonce       for programs: one line of JSON for each
//     npm run mutate -- --list                prints the rows, and runs nothing
//     npm run mutate -- --page                writes the page from the rows, and runs nothing
//
// Ends with 1 if one survives that has no reason to, or fewer than 90 % are noticed.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { placedMutations } from "./mutate/mutations.ts";
import { reportOf, scoreOf } from "./mutate/report.ts";
import { MutationRunner } from "./mutate/runner.ts";

const REPORT = join(import.meta.dirname, "../docs/proof/mutation.md");
const LEAST = 0.9;
/**
 * A mutation can make a test go round in circles, which no timeout of the test ends. Milliseconds.
 */
const HANGS_AFTER = 600_000;

const MUTATIONS = placedMutations();
const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: { json: { type: "boolean" }, list: { type: "boolean" }, page: { type: "boolean" } },
});
const unknown = positionals.filter(
	(id) => !MUTATIONS.some((mutation) => mutation.id === id || mutation.file === id),
);
if (unknown.length > 0) {
	console.error(`There is no mutation ${unknown.join(", ")}`);
	process.exit(2);
}
const chosen = MUTATIONS.filter(
	({ id, file }) =>
		positionals.length === 0 || positionals.includes(id) || positionals.includes(file),
);
if (values.list)
	for (const { id, file, off, tests, survives } of chosen)
		console.log(
			`${id} (${file}): ${off}; ${survives === undefined ? tests.join(", ") : `survives: ${survives}`}`,
		);
if (values.page) writeFileSync(REPORT, reportOf(MUTATIONS));
if (values.list || values.page) process.exit();

const say = values.json ? () => {} : console.log;

const runner = await MutationRunner.start();
/** @type {import("./mutate/runner.ts").Outcome[]} */
const outcomes = [];
for (const mutation of chosen) {
	const hangs = setTimeout(() => {
		console.error(`${mutation.id} hangs`);
		process.exit(1);
	}, HANGS_AFTER);
	const outcome = await runner.run(mutation);
	clearTimeout(hangs);
	outcomes.push(outcome);
	if (values.json)
		console.log(JSON.stringify({ id: mutation.id, result: outcome.result, by: outcome.by }));
	else
		say(
			`${outcome.result.padEnd(8)} ${mutation.id} (${outcome.took} ms) ${outcome.by ?? mutation.survives ?? ""}`,
		);
}
await runner.close();

const { killed, score } = scoreOf(outcomes);
say(`${killed} of ${outcomes.length} noticed: ${(score * 100).toFixed(1)} %`);
if (positionals.length === 0) writeFileSync(REPORT, reportOf(MUTATIONS));
const unexplained = outcomes.filter(
	({ result, mutation }) =>
		result === "broken" || (result === "survived") !== (mutation.survives !== undefined),
);
for (const { mutation, result } of unexplained)
	console.error(
		`${mutation.id}: ${result}${mutation.survives === undefined ? "" : ", though a reason says that it survives"}`,
	);
process.exit(unexplained.some(({ result }) => result !== "killed") || score < LEAST ? 1 : 0);
