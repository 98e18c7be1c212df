import { format } from "node:util";

type Level = "error" | "warn";

interface Expectation {
	readonly level: Level;
	readonly pattern: RegExp | string;
	met: boolean;
}

const lines: { level: Level; text: string }[] = [];
const expectations: Expectation[] = [];

for (const level of ["error", "warn"] as const) {
	// Kept, not printed: what was expected is no news, and what was not stands in the failure.
	console[level] = (...args: unknown[]) => {
		lines.push({ level, text: format(...args) });
	};
}

/**
 * Says that this test writes to `console.error` or `console.warn`, any number of lines but at least
 * one that match `pattern` (a string: contained in the line). Call it before or after the output,
 * in the test itself. Without it, output fails the test; with it, missing output does.
 */
export function expectConsole(level: Level, pattern: RegExp | string): void {
	expectations.push({ level, pattern, met: false });
}

/**
 * What `console.error` and `console.warn` were called with in this test so far, formatted, for
 * assertions on the text.
 */
export function consoleLines(level: Level): string[] {
	return lines.filter((line) => line.level === level).map((line) => line.text);
}

/**
 * Output that no expectation covers, and expectations that no output met, since the last call.
 * Starts afresh. For the setup file.
 */
export function takeUnexpectedOutput(): string[] {
	const uncovered = lines
		.filter((line) => !covered(line))
		.map((line) => `console.${line.level}: ${line.text}`);
	const unmet = expectations
		.filter(({ met }) => !met)
		.map(({ level, pattern }) => `nothing on console.${level} matched ${pattern}`);
	lines.length = 0;
	expectations.length = 0;
	return [...uncovered, ...unmet];
}

function covered({ level, text }: { level: Level; text: string }): boolean {
	const matching = expectations.filter(
		(expectation) => expectation.level === level && matches(expectation.pattern, text),
	);
	for (const expectation of matching) expectation.met = true;
	return matching.length > 0;
}

function matches(pattern: RegExp | string, text: string): boolean {
	return typeof pattern === "string" ? text.includes(pattern) : text.search(pattern) >= 0;
}
