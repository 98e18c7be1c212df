import { styleText } from "node:util";
import type { Surface } from "../app/surfaces.ts";
import type { ListedPlace, ListedSurface } from "./surfaces-list.ts";
import { DIFFERENCES, type Difference } from "./surfaces-manifest.ts";

const TITLES: readonly (readonly [kind: Surface["kind"], title: string])[] = [
	["page", "Pages"],
	["asset", "Assets"],
	["route", "Routes"],
	["event", "Events"],
	["field", "Fields"],
	["computed", "Computed values"],
];

const DIFFERENCE_TITLES: Readonly<Record<Difference["kind"], string>> = {
	public: "Public, and not reviewed as public:",
	wider: "For everybody who is signed in, and reviewed with a check:",
	changed: "Changed:",
	new: "New:",
	gone: "Gone:",
};

/** Of the columns: name, rule, where the check stands, where the surface does. */
const HEADINGS = ["Surface", "Rule", "Check", "Defined"];

/** How many surfaces there are, and how many everyone may have. */
export function countSurfaces(surfaces: readonly ListedSurface[]): string {
	const open = surfaces.filter(({ rule }) => rule === "public").length;
	return `${surfaces.length} surface${surfaces.length === 1 ? "" : "s"}, ${open} of them public`;
}

/**
 * Surfaces as an aligned table, grouped by kind. Public ones have a mark and capitals, and a colour
 * where there are any.
 *
 * @param hasColours True for a terminal that shows them.
 */
export function renderTable(surfaces: readonly ListedSurface[], hasColours: boolean): string {
	const rows = surfaces.map((surface) => ({ surface, cells: cellsOf(surface) }));
	const widths = HEADINGS.map((heading, column) =>
		Math.max(heading.length, ...rows.map(({ cells }) => cells[column]?.length ?? 0)),
	);
	const line = (mark: string, cells: readonly string[]) =>
		`${mark} ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd();
	const groups = TITLES.flatMap(([kind, title]) => {
		const own = rows.filter(({ surface }) => surface.kind === kind);
		if (own.length === 0) return [];
		const lines = own.map(({ surface, cells }) =>
			surface.rule === "public"
				? paint(["bold", "yellow"], line("!", cells), hasColours)
				: line(" ", cells),
		);
		return [[paint(["bold"], title, hasColours), ...lines].join("\n")];
	});
	const heading = paint(["dim"], line(" ", HEADINGS), hasColours);
	return `${[heading, ...groups, `${countSurfaces(surfaces)}.`].join("\n\n")}\n`;
}

/** Differences in groups, the gravest first. Empty if there are none. */
export function renderDifferences(differences: readonly Difference[], hasColours: boolean): string {
	const width = Math.max(0, ...differences.map(({ surface }) => surface.length));
	const groups = DIFFERENCES.flatMap((kind) => {
		const own = differences.filter((difference) => difference.kind === kind);
		if (own.length === 0) return [];
		const isGrave = kind === "public" || kind === "wider";
		const lines = own.map(({ surface, before, after }) => {
			const change =
				after === undefined
					? `was ${before}`
					: before === undefined
						? `${after} (new)`
						: `${before} -> ${after}`;
			return `${isGrave ? "!" : " "} ${surface.padEnd(width)}  ${change}`;
		});
		const text = [DIFFERENCE_TITLES[kind], ...lines].join("\n");
		return [isGrave ? paint(["bold", "red"], text, hasColours) : text];
	});
	return groups.length === 0 ? "" : `${groups.join("\n\n")}\n`;
}

function cellsOf({ name, rule, isDefault, check, checkAt, at }: ListedSurface): readonly string[] {
	const who = rule === "public" ? "PUBLIC" : (check ?? rule);
	return [name, isDefault ? `${who} (default)` : who, place(checkAt), place(at)];
}

function place(at: ListedPlace | undefined): string {
	return at === undefined ? "" : `${at.file}:${at.line}`;
}

function paint(format: Parameters<typeof styleText>[0], text: string, hasColours: boolean): string {
	// Whether there are colours has been decided already: not by the stream that Node looks at.
	return hasColours ? styleText(format, text, { validateStream: false }) : text;
}
