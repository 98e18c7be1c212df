import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { FUZZ_TIMEOUT, fuzz } from "./fuzz.ts";
import { APP, FuzzedGate, IDP } from "./fuzzed-gate.ts";
import {
	changePairs,
	changeTexts,
	encodePairs,
	HOSTILE_TEXTS,
	pairChanges,
	textChanges,
} from "./mutations.ts";

const NAMES = [
	"code",
	"state",
	"iss",
	"error",
	"error_description",
	"error_uri",
	"id_token",
	"response",
	"session_state",
];

let gate: FuzzedGate;

beforeAll(async () => {
	gate = await FuzzedGate.start();
});

/**
 * A login that was begun for this input alone: an attempt is good once, and an answer that is
 * refused uses it up.
 */
async function begin(): Promise<{ readonly cookie: string; readonly pairs: [string, string][] }> {
	const browser = gate.browser();
	const back = await gate.comeBack(browser);
	return { cookie: browser.cookieHeader(APP), pairs: [...back.searchParams] };
}

/**
 * Whether an answer is the good one, but for what nobody has to look at: then it signs in, rightly.
 */
function isGood(params: URLSearchParams, pairs: readonly (readonly [string, string])[]): boolean {
	return pairs.every(([name, value]) => params.getAll(name).join("\n") === value);
}

/**
 * A code that is none is refused by the provider, which then is not to blame, though the answer
 * says so.
 */
const allowed = { badProvider: true };
const changes = fc.oneof(
	{ arbitrary: fc.record({ pairs: pairChanges(NAMES) }), weight: 3 },
	{ arbitrary: fc.record({ text: textChanges }), weight: 1 },
	fc.constantFrom(...HOSTILE_TEXTS).map((whole) => ({ whole })),
);

function changed(
	pairs: [string, string][],
	change: typeof changes extends fc.Arbitrary<infer T> ? T : never,
): string {
	if ("pairs" in change) return encodePairs(changePairs(pairs, change.pairs));
	return "text" in change ? changeTexts(encodePairs(pairs), change.text) : change.whole;
}

it(
	"signs nobody in by a changed answer",
	async () => {
		const inputs = fc.record({
			change: changes,
			path: fc.constantFrom(
				"/callback",
				"/callback",
				"/callback/generic",
				"/callback/continue",
				"/callback/",
			),
			withCookie: fc.constantFrom(true, true, true, false),
		});
		await fuzz("callback query", gate.meter, inputs, async ({ change, path, withCookie }) => {
			const { cookie, pairs } = await begin();
			const target = `${APP}${path}?${changed(pairs, change)}`;
			if (!URL.canParse(target)) return;
			const { href, searchParams } = new URL(target);
			const headers = {
				accept: "text/html",
				referer: `${IDP}/`,
				"sec-fetch-site": "cross-site",
				...(withCookie ? { cookie } : {}),
			};
			await gate.ask(
				{ target: href, headers },
				{ ...allowed, signsIn: withCookie && isGood(searchParams, pairs) },
			);
		});
	},
	FUZZ_TIMEOUT,
);

it(
	"signs nobody in by a changed form",
	async () => {
		const types = [
			"multipart/form-data; boundary=x",
			"text/plain",
			"application/json",
			"",
			"application/x-www-form-urlencoded; charset=utf-16",
		];
		const inputs = fc.record({
			change: changes,
			step: fc.constantFrom("", "/continue", "/continue"),
			type: fc.oneof(
				{ arbitrary: fc.constant("application/x-www-form-urlencoded"), weight: 4 },
				fc.constantFrom(...types),
			),
			origin: fc.constantFrom(APP, APP, APP, IDP, "null", ""),
			length: fc.constantFrom("", "", "", "0", "5", "-1", "99999999999", "1e3", "NaN"),
		});
		await fuzz(
			"callback form",
			gate.meter,
			inputs,
			async ({ change, step, type, origin, length }) => {
				const { cookie, pairs } = await begin();
				const body = changed(pairs, change).toWellFormed();
				const headers = {
					accept: "text/html",
					"content-type": type,
					origin,
					cookie,
					...(length ? { "content-length": length } : {}),
				};
				const signsIn = step !== "" && origin === APP && isGood(new URLSearchParams(body), pairs);
				await gate.ask(
					{ method: "POST", target: `/callback${step}`, headers, body },
					{ ...allowed, signsIn },
				);
			},
		);
	},
	FUZZ_TIMEOUT,
);

it("starts from answers that are good", async () => {
	const { cookie, pairs } = await begin();
	const headers = { accept: "text/html", cookie };
	const seen = await gate.ask(
		{ target: `/callback?${encodePairs(pairs)}`, headers },
		{ signsIn: true },
	);
	expect(seen.setCookies.some((line) => /-at=/.test(line))).toBe(true);
});
