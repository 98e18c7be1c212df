import type { Results } from "./measure-all.ts";
import { median } from "./statistics.ts";
import type { Comparison } from "./throughput.ts";

/** One figure with what was aimed at. */
export interface Line {
	readonly what: string;
	readonly figure: string;
	readonly aim: string;
	readonly reached: boolean | undefined;
}

/** The results as a table for people, with the aims beside them. */
export function formatTable(results: Results): string {
	return formatLines(linesOf(results));
}

export function formatLines(lines: readonly Line[]): string {
	const widths = [
		Math.max(...lines.map(({ what }) => what.length)),
		Math.max(...lines.map(({ figure }) => figure.length)),
	] as const;
	return lines
		.map(({ what, figure, aim, reached }) => {
			const verdict =
				reached === undefined ? "" : reached ? `  aim ${aim}: reached` : `  aim ${aim}: MISSED`;
			return `${what.padEnd(widths[0])}  ${figure.padStart(widths[1])}${verdict}`;
		})
		.join("\n");
}

function linesOf(results: Results): Line[] {
	const {
		guarded,
		guardedToPublic,
		emptyMiddleware,
		guardedToMiddleware,
		navigationToPublic,
		fetchToPublic,
		anonymousNavigation,
		anonymousFetch,
		firstSight,
		logins,
		importTime,
		cookies,
	} = results;
	return [
		...ratioLines("guarded / unguarded", guarded, 0.9),
		...ratioLines("guarded / auth: false, same app", guardedToPublic, 0.9),
		...ratioLines("empty middleware / none", emptyMiddleware),
		...ratioLines("guarded / empty middleware", guardedToMiddleware),
		...ratioLines("anonymous navigation, 302 / auth: false, same app", navigationToPublic, 0.9),
		...ratioLines("anonymous fetch, 401 / auth: false, same app", fetchToPublic, 0.9),
		...ratioLines("anonymous navigation, 302 / unguarded", anonymousNavigation, 0.9),
		...ratioLines("anonymous fetch, 401 / unguarded", anonymousFetch, 0.9),
		aimed(
			`guard at first sight of ${firstSight.people} people, CPU`,
			`${firstSight.guard.toFixed(0)} us`,
			"<= 100 us",
			firstSight.guard <= 100,
		),
		plain("  user time alone", `${firstSight.guardUser.toFixed(0)} us`),
		plain(
			"a login: requests of the browser to the app, to the IdP",
			`${logins.app}, ${logins.idp}`,
		),
		plain(
			"a login: calls of the app to the IdP, first and later",
			`${logins.firstBackChannel}, ${logins.backChannel}`,
		),
		plain(
			"a login: wall time, first and later",
			`${logins.first.toFixed(0)} ms, ${median(logins.later).toFixed(0)} ms`,
		),
		aimed(
			"import of portcullis and portcullis/hono",
			`${importTime.portcullis.toFixed(1)} ms`,
			"<= 40 ms",
			importTime.portcullis <= 40,
		),
		plain(
			"import of hono alone; bare node",
			`${importTime.hono.toFixed(1)} ms; ${importTime.bareNode.toFixed(1)} ms`,
		),
		aimed(
			`cookie values ${cookies.sealed} B / raw tokens ${cookies.raw} B`,
			cookies.ratio.toFixed(3),
			"<= 1.08",
			cookies.ratio <= 1.08,
		),
		plain(
			`cookie header with names ${cookies.header} B / raw tokens`,
			cookies.headerRatio.toFixed(3),
		),
	];
}

/** Throughput and CPU time of one side to the other. */
export function ratioLines(what: string, comparison: Comparison, aim?: number): Line[] {
	const { base, other, throughputRatio, cpuRatio, ratios } = comparison;
	const user = `user ${base.userMicroseconds.toFixed(1)} -> ${other.userMicroseconds.toFixed(1)}`;
	const spread = `${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}`;
	const figure = `${throughputRatio.toFixed(3)} (${spread})`;
	const cpu = `${cpuRatio.toFixed(3)} (${base.cpuMicroseconds.toFixed(1)} -> ${other.cpuMicroseconds.toFixed(1)} us, ${user})`;
	const byCpu = "  by CPU time of the server";
	if (aim === undefined) return [plain(what, figure), plain(byCpu, cpu)];
	const text = `>= ${aim}`;
	return [
		aimed(what, figure, text, throughputRatio >= aim),
		aimed(byCpu, cpu, text, cpuRatio >= aim),
	];
}

export function aimed(what: string, figure: string, aim: string, reached: boolean): Line {
	return { what, figure, aim, reached };
}

export function plain(what: string, figure: string): Line {
	return { what, figure, aim: "", reached: undefined };
}
