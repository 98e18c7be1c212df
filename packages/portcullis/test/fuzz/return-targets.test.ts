import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { FUZZ_TIMEOUT, fuzz } from "./fuzz.ts";
import { APP, FuzzedGate, IDP } from "./fuzzed-gate.ts";
import { HOSTILE_TEXTS, mutatedText } from "./mutations.ts";

let gate: FuzzedGate;

beforeAll(async () => {
	gate = await FuzzedGate.start();
});

/** What addresses are made of, with what parsers disagree about. */
const pieces = [
	...[
		"/",
		"//",
		"\\",
		"/\\",
		"@",
		":",
		"#",
		"?",
		";",
		".",
		"..",
		"%2f",
		"%5c",
		"%2e",
		"%00",
		"%09",
		"%0a",
		"%",
		"\t",
		"\n",
	],
	...[
		" ",
		"\u00a0",
		"\u2028",
		"\ufeff",
		"\uff0f",
		"\u3002",
		"\ud800",
		"http:",
		"https:",
		"javascript:",
		"data:",
		"blob:",
	],
	...[
		"evil.example",
		"app.example",
		APP,
		`${APP}.evil.example`,
		`${APP}@evil.example`,
		IDP,
		"localhost",
		"[::1]",
		"[",
		"a",
		"private",
	],
];

it(
	"leads nobody away, whatever page was asked for",
	async () => {
		const pieced = fc
			.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 })
			.map((parts) => parts.join(""));
		const target = fc.oneof(
			{ arbitrary: pieced, weight: 4 },
			mutatedText("/private?page=1#top"),
			mutatedText(`${APP}/private`),
			fc.constantFrom(...HOSTILE_TEXTS),
			fc.webUrl({ withQueryParameters: true, withFragments: true }),
		);
		const inputs = fc.tuple(
			target,
			fc.constantFrom("redirect_to", "target_link_uri", "returnTo", "post_logout_redirect_uri"),
		);
		await fuzz("return targets", gate.meter, inputs, async ([text, name]) => {
			const query = new URLSearchParams([[name, text.toWellFormed()]]);
			const headers = {
				accept: "text/html",
				"sec-fetch-mode": "navigate",
				"sec-fetch-dest": "document",
			};
			for (const path of ["/login", "/logout"])
				await gate.ask({ target: `${path}?${query}`, headers });

			// The whole way: what was asked for goes through the cookie of the attempt, and comes out
			// after the login.
			const browser = gate.browser({ signsIn: true });
			const sent = await browser.navigate(`${APP}/login/generic?${query}`, { follow: false });
			expect(sent.status).toBe(302);
			expect(new URL(sent.headers.get("location") ?? "").origin).toBe(IDP);
			const answered = await browser.navigate(sent.headers.get("location") ?? "", {
				from: APP,
				follow: false,
			});
			const last = await browser.navigate(answered.headers.get("location") ?? "", { from: IDP });
			expect([last.status < 500, new URL(last.url).origin]).toEqual([true, APP]);
		});
	},
	FUZZ_TIMEOUT,
);
