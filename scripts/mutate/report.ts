import type { Outcome } from "./runner.ts";

/** How many were noticed. */
export function scoreOf(outcomes: readonly Outcome[]): {
	readonly killed: number;
	readonly score: number;
} {
	const killed = outcomes.filter(({ result }) => result === "killed").length;
	return { killed, score: outcomes.length === 0 ? 0 : killed / outcomes.length };
}

/** `docs/mutation.md`. */
export function reportOf(outcomes: readonly Outcome[]): string {
	const { killed, score } = scoreOf(outcomes);
	const survivors = outcomes.filter(({ result }) => result === "survived");
	const files = [...new Set(outcomes.map(({ mutation }) => mutation.file))];
	return `# Switched-off checks

A test proves something only if it fails without what it tests. \`npm run mutate\` switches off one check after the other,
in memory, and runs the tests that are to notice. In the code, a comment stands at each of these checks:
\`// proven: no-nonce\`. What is switched off there, and by which tests that is noticed, is listed in \`scripts/mutate/\`;
nothing of it is in the package. This page is written by that command.

**${killed} of ${outcomes.length} are noticed: ${(score * 100).toFixed(1)} %.** \`npm test\` repeats it for the most important ones.

## Survivors

${
	survivors.length === 0
		? "None."
		: table(
				["Switched off", "In", "Why no test notices"],
				survivors.map(({ mutation }) => [
					`${mutation.off} (\`${mutation.id}\`)`,
					`\`${mutation.file}\``,
					mutation.survives ?? "No reason is known.",
				]),
			)
}

## Noticed

${files
	.map((file) => {
		const rows = outcomes
			.filter(({ mutation, result }) => mutation.file === file && result === "killed")
			.map(({ mutation, by = "" }) => [`${mutation.off} (\`${mutation.id}\`)`, testOf(by)]);
		return rows.length === 0
			? ""
			: `### \`${file}\`\n\n${table(["Switched off", "The first test that fails"], rows)}\n`;
	})
	.filter(Boolean)
	.join("\n")}`;
}

function testOf(by: string): string {
	const [file = "", ...name] = by.split(": ");
	const words = name.join(": ").replaceAll(" > ", ": ").replace(NUMBERS, "");
	return `\`${file}\`: ${escapeMarkdown(words.length > LONGEST ? `${words.slice(0, LONGEST)}...` : words)}`;
}

/** Numbers of requirements in names of tests: what they mean stands in docs/security.md. */
const NUMBERS = /\s*\([RBD]\d+(?:, [RBD]\d+)*\)|\b[RBD]\d+(?:, [RBD]\d+)*: /g;
const LONGEST = 140;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
	return lines.join("\n");
}

/** Names of tests hold whatever an attacker would send. */
function escapeMarkdown(text: string): string {
	return text.replace(/[|<>`*_[\]\\]/g, (letter) => `\\${letter}`).replace(/\p{Cc}/gu, " ");
}
