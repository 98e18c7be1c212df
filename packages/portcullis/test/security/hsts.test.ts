import { expect, it } from "vitest";
import { type GateFixtureOptions, startGate } from "../support/gate-fixture.ts";
import { exchange } from "../support/scripted-browser.ts";

const NAVIGATION = {
	"sec-fetch-mode": "navigate",
	"sec-fetch-dest": "document",
	"sec-fetch-site": "none",
};

/** What the gate's own pages, a refusal and an answer of the app say. */
async function headersOf(options: GateFixtureOptions) {
	const { origin } = await startGate({ ...options, gate: { pages: { "/open": { auth: false } } } });
	const paths = [
		"/login",
		"/login/generic",
		"/callback?state=x",
		"/logout",
		"/forbidden",
		"/_portcullis/session",
		"/open",
	];
	const answers = await Promise.all(
		paths.map((path) => exchange(origin + path, "GET", NAVIGATION)),
	);
	return answers.map(({ headers }) => headers.get("strict-transport-security"));
}

it("sends HSTS for a year on the gate's own pages of an https origin (R85)", async () => {
	const year = "max-age=31536000";
	expect(await headersOf({ auth: { origin: "https://app.example.com" } })).toEqual([
		...Array(5).fill(year),
		null,
		null,
	]);
	expect(
		await headersOf({ auth: { origin: "https://app.example.com", http: { hsts: 60 } } }),
	).toContain("max-age=60");
});

it.each([
	["plain http", { origin: "http://app.example.com" }],
	["this machine, where other apps have other ports", { origin: "https://localhost:8443" }],
	["a name of this machine", { origin: "https://app.localhost" }],
	["a gate that was told not to", { origin: "https://app.example.com", http: { hsts: 0 } }],
])("sends none for %s", async (_, auth) => {
	expect(new Set(await headersOf({ auth }))).toEqual(new Set([null]));
});

it("leaves a view's own header alone", async () => {
	const headers = {
		"Content-Type": "text/html",
		"Strict-Transport-Security": "max-age=1; includeSubDomains",
	};
	const views = { login: () => new Response("own", { headers }) };
	const { origin } = await startGate({
		auth: { origin: "https://app.example.com", ui: { views } },
	});
	const answer = await exchange(`${origin}/login`, "GET", NAVIGATION);
	expect(answer.headers.get("strict-transport-security")).toBe("max-age=1; includeSubDomains");
});

it.each([-1, 0.5, 63_072_001, Number.NaN])(
	"refuses %d, which is no number of seconds",
	async (hsts) => {
		await expect(startGate({ auth: { http: { hsts } } })).rejects.toThrow(
			"hsts is not a whole number of seconds",
		);
	},
);
