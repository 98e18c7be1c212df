import { ERRORS, type ErrorRow } from "../../src/base/error-table.ts";
import type { OptionRow, Range } from "../../src/config/option-row.ts";
import { OPTIONS, type Place } from "../../src/config/option-table.ts";

// The parts of the guides that are made from tables of the sources: `npm run docs:reference`.

/** What stands between two markers of a page, by the name in the first one. */
export const REFERENCES: Readonly<Record<string, () => string>> = {
	...Object.fromEntries(
		(Object.keys(OPTIONS) as Place[]).map((place) => [
			`options of ${place}`,
			() => renderOptions(place),
		]),
	),
	errors: renderErrors,
};

const BLOCK = /(<!-- reference: (.*?) -->\n)(?:[\s\S]*?\n)??(<!-- end of reference -->)/g;

/** A page with its generated parts as they should be. */
export function withReference(page: string): string {
	return page.replace(BLOCK, (_, start: string, name: string, end: string) => {
		const render = Object.hasOwn(REFERENCES, name) ? REFERENCES[name] : undefined;
		if (render === undefined) throw new Error(`There is no reference "${name}"`);
		return `${start}\n${render()}\n${end}`;
	});
}

/** Names of the generated parts of a page. */
export function referencesIn(page: string): string[] {
	return [...page.matchAll(BLOCK)].map(([, , name = ""]) => name);
}

function renderOptions(place: Place): string {
	const rows = Object.entries(OPTIONS[place]) as [string, OptionRow][];
	return table(
		["option", "type", "default", "meaning"],
		rows.map(([name, row]) => [`\`${name}\``, typeOf(row), defaultOf(row), row.means]),
	);
}

function renderErrors(): string {
	const rows = Object.entries(ERRORS) as [string, ErrorRow][];
	return table(
		["code", "status", "audit reason", "what happened"],
		rows.map(([code, { status, audit, means }]) => [
			`[\`${code}\`](#${code})`,
			String(status ?? ""),
			audit === undefined ? "" : `\`${audit}\``,
			means,
		]),
	);
}

function typeOf({ type, range }: OptionRow): string {
	return type ?? (range === undefined ? "" : describeRange(range));
}

function describeRange({ min, max, unit, isWhole, orZero }: Range): string {
	const kind = unit ?? (isWhole ? "whole number" : "number");
	return `${kind}, ${inDigits(min)} to ${inDigits(max)}${orZero ? ", or 0" : ""}`;
}

function defaultOf({ fallback, otherwise }: OptionRow): string {
	if (fallback === undefined) return otherwise ?? "";
	return typeof fallback === "number" ? inDigits(fallback) : `\`${String(fallback)}\``;
}

/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]) =>
		`| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`.replaceAll("|  |", "| |");
	return [line(head), line(head.map(() => "---")), ...rows.map(line), ""].join("\n");
}

/** 1800 as `1,800`. */
function inDigits(value: number): string {
	return value.toLocaleString("en-US");
}
