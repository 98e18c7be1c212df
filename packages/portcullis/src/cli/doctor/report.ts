import { styleText } from "node:util";
import type { Finding, FindingStatus } from "../../doctor/finding.ts";

const WORDS: Readonly<
	Record<FindingStatus, readonly [word: string, colour: Parameters<typeof styleText>[0]]>
> = {
	ok: ["ok", "green"],
	warn: ["warn", "yellow"],
	fail: ["FAIL", ["bold", "red"]],
	skipped: ["skip", "dim"],
};
const WIDTH = 6;

/**
 * Findings for a person: what concerns the app, then each provider; under what is not well its
 * cause and what to do.
 *
 * @param hasColours True for a terminal that shows them.
 */
export function renderFindings(findings: readonly Finding[], hasColours: boolean): string {
	const named = [...new Set(findings.flatMap(({ provider }) => provider ?? []))];
	const groups = [undefined, ...named].flatMap((provider) => {
		const own = findings.filter((finding) => finding.provider === provider);
		if (own.length === 0) return [];
		const heading = provider === undefined ? "App" : `Provider ${provider}`;
		return [
			[
				paint("bold", heading, hasColours),
				...own.map((finding) => renderFinding(finding, hasColours)),
			].join("\n"),
		];
	});
	return `${[...groups, summary(findings)].join("\n\n")}\n`;
}

function renderFinding({ status, title, cause, fix }: Finding, hasColours: boolean): string {
	const [word, colour] = WORDS[status];
	const lines = [`  ${paint(colour, word.padEnd(WIDTH), hasColours)}${title}`];
	const indent = " ".repeat(WIDTH + 2);
	if (cause !== undefined) lines.push(`${indent}Cause: ${cause}`);
	if (fix !== undefined) lines.push(`${indent}Fix:   ${fix}`);
	return lines.join("\n");
}

function summary(findings: readonly Finding[]): string {
	const count = (status: FindingStatus) =>
		findings.filter((finding) => finding.status === status).length;
	const [failed, warned, skipped] = [count("fail"), count("warn"), count("skipped")];
	if (failed + warned + skipped === 0) return "All is well.";
	const parts = [
		failed > 0 && `${failed} to be fixed`,
		warned > 0 && `${warned} to look at`,
		skipped > 0 && `${skipped} not known`,
		`${count("ok")} fine`,
	];
	return `${parts.filter(Boolean).join(", ")}.`;
}

function paint(format: Parameters<typeof styleText>[0], text: string, hasColours: boolean): string {
	return hasColours ? styleText(format, text, { validateStream: false }) : text;
}
