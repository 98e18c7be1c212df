import type { PlacedMutation } from "./mutation.ts";
import type { Outcome } from "./runner.ts";

/** How many were noticed. */
export function scoreOf(outcomes: readonly Outcome[]): {
	readonly killed: number;
	readonly score: number;
} {
	const killed = outcomes.filter(({ result }) => result === "killed").length;
	return { killed, score: outcomes.length === 0 ? 0 : killed / outcomes.length };
}

/**
 * `docs/proof/mutation.md`, from the rows alone. A run fails where a row and its outcome differ:
 * what the page counts is what a full run must find.
 */
export function reportOf(mutations: readonly PlacedMutation[]): string {
	const survivors = mutations.filter(({ survives }) => survives !== undefined);
	const noticed = mutations.length - survivors.length;
	const files = [...new Set(mutations.map(({ file }) => file))].toSorted();
	return `# Switched-off checks

\`npm run mutate\` switches off one check after the other, in memory, and runs the tests that must
notice. Each check has a comment in the source, \`// proven: no-nonce\`, and a row of this id in
\`scripts/mutate/mutations-*.ts\`: what is switched off, how, and which tests notice.

**By their rows, ${noticed} of ${mutations.length} must be noticed: ${((noticed / mutations.length) * 100).toFixed(1)} %.** A full run confirms that or fails.
\`npm test\` repeats the most important ones.

\`\`\`sh
npm run mutate                     # all of them
npm run mutate -- no-nonce         # one check
npm run mutate -- protocol/jwks.ts # one file
npm run mutate -- --list           # print the rows, run nothing
npm run mutate -- --page           # write this page, run nothing
\`\`\`

A check counts as noticed if a test of its row fails, and as a survivor if none does. A run ends
with an error if a survivor has no reason in its row, if a row with a reason is noticed, if a test
breaks for another cause, or if fewer than 90 % are noticed. This page is written from the rows.

## Survivors

${
	survivors.length === 0
		? "None."
		: table(
				["Switched off", "In", "Why no test notices"],
				survivors.map(({ off, id, file, survives = "" }) => [
					`${off} (\`${id}\`)`,
					`\`${file}\``,
					survives,
				]),
			)
}

## By file

${table(
	["File", "Noticed"],
	files.map((file) => {
		const rows = mutations.filter((mutation) => mutation.file === file);
		const killed = rows.filter(({ survives }) => survives === undefined);
		return [`\`${file}\``, `${killed.length}/${rows.length}`];
	}),
)}
`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
	return lines.join("\n");
}
