import type { Cost } from "./count-costs.ts";

/** Whom a row of the table is about. */
export type CallerKind = "anonymous" | "signed in";

/**
 * What one request to an endpoint costs at most, with two providers. The table in docs/security.md
 * is made of these rows.
 */
export interface CostRow {
	readonly endpoint: string;
	readonly caller: CallerKind;
	readonly most: Cost;
	/** What stays in memory, or in the store, and for how long. */
	readonly kept: string;
	/** What caps how much, and how often. */
	readonly cap: string;
}

export const COSTS: readonly CostRow[] = [
	row(
		"a page",
		"anonymous",
		[4, 0, 0, 0, 1, 2],
		"nothing",
		"path length and patterns; checks end after 2 s",
	),
	row(
		"a page",
		"signed in",
		[24, 0, 0, 0, 1, 2],
		"the identity, 16 MiB of all",
		"path length and patterns; checks end after 2 s",
	),
	row(
		"a page, by an access token",
		"anonymous",
		[0, 2, 2, 0, 1, 0],
		"nothing",
		"16 kB a token; budget for key sets",
	),
	row(
		"a page, by an access token",
		"signed in",
		[0, 2, 2, 0, 1, 0],
		"nothing",
		"16 kB a token; budget for key sets",
	),
	row("an asset", "anonymous", [0, 0, 0, 0, 0, 0], "nothing", "path length and patterns"),
	row("an asset", "signed in", [0, 0, 0, 0, 0, 0], "nothing", "path length and patterns"),
	row(
		"`/login`",
		"anonymous",
		[4, 0, 0, 0, 0, 0],
		"nothing",
		"1,000 characters of `Accept-Language`",
	),
	row(
		"`/login`",
		"signed in",
		[8, 0, 0, 0, 0, 0],
		"nothing",
		"1,000 characters of `Accept-Language`",
	),
	row(
		"`/login/<provider>`",
		"anonymous",
		[20, 0, 1, 0, 1, 48],
		"of an address that is refused, one of 10,000 buckets",
		"`loginLimit`; 16 attempts and 8 chunks of a name are looked at",
	),
	row(
		"`/login/<provider>`",
		"signed in",
		[28, 0, 1, 2, 1, 48],
		"of an address that is refused, one of 10,000 buckets",
		"`loginLimit`; 16 attempts and 8 chunks of a name are looked at",
	),
	row(
		"`/callback`",
		"anonymous",
		[8, 2, 4, 2, 1, 16],
		"the attempt's id for ten minutes",
		"`loginLimit`; one exchange for each attempt",
	),
	row(
		"`/callback`",
		"signed in",
		[12, 2, 4, 4, 1, 16],
		"the attempt's id for ten minutes",
		"`loginLimit`; one exchange for each attempt",
	),
	row(
		"`/callback/continue`",
		"anonymous",
		[4, 0, 0, 0, 1, 0],
		"nothing",
		"`loginLimit`; 64 kB of form",
	),
	row(
		"`/callback/continue`",
		"signed in",
		[8, 0, 0, 0, 1, 0],
		"nothing",
		"`loginLimit`; 64 kB of form",
	),
	row("`/logout`", "anonymous", [4, 0, 0, 0, 1, 0], "nothing", "own form or script; 64 kB of form"),
	row(
		"`/logout`",
		"signed in",
		[12, 0, 3, 4, 1, 24],
		"the session's id until it would have ended",
		"own form or script; 64 kB of form",
	),
	row("`/forbidden`", "anonymous", [4, 0, 0, 0, 0, 0], "nothing", ""),
	row("`/forbidden`", "signed in", [8, 0, 0, 0, 0, 0], "nothing", ""),
	row("`/_portcullis`", "anonymous", [0, 0, 0, 0, 1, 0], "nothing", "development alone"),
	row("`/_portcullis`", "signed in", [0, 0, 0, 0, 1, 0], "nothing", "development alone"),
	row("`/_portcullis/session`", "anonymous", [8, 0, 0, 0, 0, 0], "nothing", ""),
	row(
		"`/_portcullis/session`",
		"signed in",
		[16, 0, 0, 0, 0, 0],
		"the identity, 16 MiB of all",
		"",
	),
	row(
		"`/_portcullis/refresh`",
		"anonymous",
		[4, 0, 0, 0, 1, 16],
		"nothing",
		"one renewal for each refresh token",
	),
	row(
		"`/_portcullis/refresh`",
		"signed in",
		[16, 2, 4, 4, 1, 24],
		"the answer for a minute",
		"one renewal for each refresh token",
	),
	row(
		"`/_portcullis/step-up/<wanted>`",
		"anonymous",
		[8, 0, 0, 0, 1, 0],
		"nothing",
		"`loginLimit`",
	),
	row(
		"`/_portcullis/step-up/<wanted>`",
		"signed in",
		[12, 0, 0, 0, 1, 0],
		"nothing",
		"`loginLimit`",
	),
	row(
		"`/_portcullis/backchannel-logout/<provider>`",
		"anonymous",
		[0, 2, 2, 4, 1, 0],
		"of a genuine token, its id and who is signed out",
		"64 kB of form; budget for key sets",
	),
	row(
		"`/_portcullis/backchannel-logout/<provider>`",
		"signed in",
		[0, 2, 2, 4, 1, 0],
		"of a genuine token, its id and who is signed out",
		"64 kB of form; budget for key sets",
	),
	row(
		"`/_portcullis/claim`",
		"anonymous",
		[1, 0, 0, 2, 1, 0],
		"a bucket for network and hash, 10,000 of each",
		"300 at once and 50 a second from one network, 500 a second of all without an address; 190 for one hash",
	),
	row(
		"`/_portcullis/claim`",
		"signed in",
		[1, 0, 0, 2, 1, 0],
		"a bucket for network and hash, 10,000 of each",
		"300 at once and 50 a second from one network, 500 a second of all without an address; 190 for one hash",
	),
	row(
		"`/_portcullis/hydrate`",
		"anonymous",
		[8, 0, 0, 1, 1, 0],
		"nothing, until an event is sent",
		"1,200 a minute and network or session, 60,000 of all anonymous callers; 256 kB of body",
	),
	row(
		"`/_portcullis/hydrate`",
		"signed in",
		[24, 0, 0, 2, 1, 0],
		"instances of one tab for a minute",
		"1,200 a minute and network or session, 60,000 of all anonymous callers; 256 kB of body",
	),
	row(
		"`/_portcullis/event`",
		"anonymous",
		[8, 0, 0, 44, 1, 0],
		"one record, 24 hours: [limits](stores.md)",
		"32 of a client at once; 256 kB of body, 100 levels",
	),
	row(
		"`/_portcullis/event`",
		"signed in",
		[16, 0, 0, 44, 1, 0],
		"one record, 24 hours: [limits](stores.md)",
		"32 of a client at once; 256 kB of body, 100 levels",
	),
	row(
		"`/_portcullis/stream`",
		"anonymous",
		[58, 0, 0, 0, 1, 0],
		"instances of 50 or 200 tabs, while it is open",
		"32 streams with 400 tabs of one network or session, 4,000 tabs of all anonymous callers",
	),
	row(
		"`/_portcullis/stream`",
		"signed in",
		[216, 0, 0, 0, 1, 0],
		"instances of 50 or 200 tabs, while it is open",
		"32 streams with 400 tabs of one network or session, 4,000 tabs of all anonymous callers",
	),
	row(
		"`/_portcullis/health`",
		"anonymous",
		[0, 0, 0, 1, 0, 0],
		"nothing",
		"the store is asked once in a while",
	),
	row(
		"`/_portcullis/health`",
		"signed in",
		[0, 0, 0, 1, 0, 0],
		"nothing",
		"the store is asked once in a while",
	),
];

type Figures = readonly [
	openings: number,
	signatures: number,
	provider: number,
	store: number,
	log: number,
	cookies: number,
];

function row(
	endpoint: string,
	caller: CallerKind,
	figures: Figures,
	kept: string,
	cap: string,
): CostRow {
	const [openings, signatures, provider, store, log, cookies] = figures;
	return {
		endpoint,
		caller,
		most: { openings, signatures, provider, store, log, cookies },
		kept,
		cap,
	};
}

/** The rows as the table of the documentation. */
export function costTable(): string {
	const head = [
		"Endpoint",
		"Caller",
		"Openings",
		"Signatures",
		"Provider",
		"Store",
		"Log",
		"Cookies",
		"Kept",
		"Capped by",
	];
	const rows = COSTS.map(({ endpoint, caller, most, kept, cap }) => {
		const { openings, signatures, provider, store, log, cookies } = most;
		return [endpoint, caller, openings, signatures, provider, store, log, cookies, kept, cap];
	});
	return [head, head.map(() => "---"), ...rows]
		.map((cells) => `| ${cells.join(" | ")} |`.replaceAll("  |", " |"))
		.join("\n");
}
