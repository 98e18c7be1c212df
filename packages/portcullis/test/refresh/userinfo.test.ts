import { describe, expect, test, vi } from "vitest";
import { inGroup } from "../../src/checks.ts";
import type { FaultyEndpoint } from "../../src/testing/faulty-idp-faults.ts";
import { allCookies, type GateFixtureOptions, sessionCookies } from "../support/gate-fixture.ts";
import { type RenewingFixture, startRenewing } from "../support/renewing.ts";
import { exchange, ScriptedBrowser } from "../support/scripted-browser.ts";

const endpoints: readonly FaultyEndpoint[] = [
	"discovery",
	"jwks",
	"authorize",
	"token",
	"userinfo",
];
const MANY = Array.from({ length: 200 }, (_, i) => `group-${i}`);
/** Longer than the claims of userinfo are taken for new. Seconds. */
const STALE = 1801;

const app: GateFixtureOptions = {
	app: (_request, user) => Response.json(user?.claims.groups ?? "none"),
};

async function signedIn(options: GateFixtureOptions = {}, groups: readonly string[] = ["staff"]) {
	const fixture = await startRenewing({ ...app, ...options });
	const browser = new ScriptedBrowser();
	fixture.bend({ userinfoClaims: { groups } });
	await fixture.signIn(browser);
	fixture.idp.requests.length = 0;
	return { ...fixture, browser };
}

/** What the app says of the groups. */
async function groupsAt(browser: ScriptedBrowser, origin: string): Promise<unknown> {
	const page = await browser.navigate(`${origin}/private`, { follow: false });
	expect(page.status).toBe(200);
	return JSON.parse(page.body);
}

function shutDown({ bend }: RenewingFixture): void {
	bend({ transport: Object.fromEntries(endpoints.map((endpoint) => [endpoint, "reset"])) });
}

test("a replica that has seen nothing knows the groups while the provider is down", async () => {
	const fixture = await signedIn();
	shutDown(fixture);
	const cold = await fixture.openReplica();
	expect(await groupsAt(fixture.browser, cold.origin)).toEqual(["staff"]);
	fixture.later(STALE);
	expect(await groupsAt(fixture.browser, cold.origin)).toEqual(["staff"]);
});

test("groups too large for a cookie: whoever knows them goes on, a new replica has to ask", async () => {
	const fixture = await signedIn({}, MANY);
	const { browser, origin, later, bend } = fixture;
	expect(await groupsAt(browser, origin)).toEqual(MANY);
	shutDown(fixture);
	later(STALE);
	expect(await groupsAt(browser, origin)).toEqual(MANY);
	const cold = await fixture.openReplica();
	// The person is known, the groups are not: a check on them says no.
	expect(await groupsAt(browser, cold.origin)).toBe("none");
	bend({ userinfoClaims: { groups: MANY } });
	later(5);
	expect(await groupsAt(browser, cold.origin)).toEqual(MANY);
	expect(await groupsAt(browser, origin)).toEqual(MANY);
});

test.for([
	{ name: "sealed", groups: ["staff"] },
	{ name: "too large to be sealed", groups: MANY },
])("old claims are fetched again once, and no request waits for it: $name", async ({ groups }) => {
	const { browser, origin, later, bend, idp } = await signedIn({}, groups);
	expect(await groupsAt(browser, origin)).toEqual(groups);
	idp.requests.length = 0;
	bend({ userinfoClaims: { groups: ["other"] } });
	expect(await groupsAt(browser, origin)).toEqual(groups);
	later(STALE);
	bend({ transport: { userinfo: "hang" } });
	const pages = await Promise.all(
		Array.from({ length: 20 }, () => browser.fetch(`${origin}/private`)),
	);
	expect(pages.map(({ body }) => JSON.parse(body))).toEqual(Array(20).fill(groups));
	await vi.waitFor(() => expect(idp.count("userinfo")).toBe(1));

	const again = await signedIn({}, groups);
	await groupsAt(again.browser, again.origin);
	again.idp.requests.length = 0;
	again.later(STALE);
	again.bend({ userinfoClaims: { groups: ["other"] } });
	expect(await groupsAt(again.browser, again.origin)).toEqual(groups);
	await vi.waitFor(async () =>
		expect(await groupsAt(again.browser, again.origin)).toEqual(["other"]),
	);
	expect(again.idp.count("userinfo")).toBe(1);
});

test("a claim that userinfo no longer has is gone", async () => {
	const { browser, origin, later, bend } = await signedIn();
	expect(await groupsAt(browser, origin)).toEqual(["staff"]);
	later(STALE);
	bend({ userinfoClaims: { groups: undefined } });
	await vi.waitFor(async () => expect(await groupsAt(browser, origin)).toBe("none"));
});

test("userinfo that does not answer is asked again after five minutes, not before", async () => {
	const { browser, origin, later, bend, idp, log } = await signedIn();
	expect(await groupsAt(browser, origin)).toEqual(["staff"]);
	later(STALE);
	bend({ transport: { userinfo: 500 } });
	await groupsAt(browser, origin);
	await vi.waitFor(() =>
		expect(log.at(-1)).toMatchObject({ level: "warning", code: "userinfo_invalid" }),
	);
	later(299);
	bend({ userinfoClaims: { groups: ["other"] } });
	expect(await groupsAt(browser, origin)).toEqual(["staff"]);
	expect(idp.count("userinfo")).toBe(1);
	later(1);
	await vi.waitFor(async () => expect(await groupsAt(browser, origin)).toEqual(["other"]));
	expect(idp.count("userinfo")).toBe(2);
});

test.for([
	{ name: "it refuses the access token", faults: { userinfo: "refused" } as const },
	{ name: "it says 403", faults: { transport: { userinfo: 403 } } as const },
	{ name: "it answers for somebody else", faults: { userinfo: "sub-other" } as const },
])("the session ends where userinfo ends it: $name", async ({ faults }) => {
	const { browser, origin, later, bend, renew, idp } = await signedIn();
	expect(await groupsAt(browser, origin)).toEqual(["staff"]);
	later(STALE);
	bend(faults);
	await browser.navigate(`${origin}/private`);
	await vi.waitFor(async () => expect((await browser.fetch(`${origin}/private`)).status).toBe(401));
	bend({});
	expect((await renew(browser)).status).toBe(401);
	expect(idp.count("token")).toBe(0);
	expect((await browser.navigate(`${origin}/private`)).url).toContain("/login");
});

test("the same where the groups were too large to be kept, and a process asks for the first time", async () => {
	const fixture = await signedIn({}, MANY);
	const { browser, origin, bend } = fixture;
	expect(await groupsAt(browser, origin)).toEqual(MANY);
	const cold = await fixture.openReplica();
	bend({ userinfo: "refused" });
	expect((await browser.fetch(`${cold.origin}/private`, { from: cold.origin })).status).toBe(401);
	bend({});
	expect((await browser.fetch(`${cold.origin}/private`, { from: cold.origin })).status).toBe(401);
	expect(await groupsAt(browser, origin)).toEqual(MANY);
});

test("an access token that has ended is not shown to userinfo: that it is refused would say nothing", async () => {
	const auth = { extraScopes: ["offline_access"], session: { outageGrace: 86_400 } };
	const fixture = await signedIn({ auth });
	const { browser, origin, later, renew, bend, idp } = fixture;
	later(3600);
	bend({ transport: { token: 503 } });
	await renew(browser);
	expect(await groupsAt(browser, origin)).toEqual(["staff"]);
	expect(await groupsAt(browser, origin)).toEqual(["staff"]);
	later(STALE);
	expect(await groupsAt(browser, origin)).toEqual(["staff"]);
	expect(idp.count("userinfo")).toBe(0);
});

test("claimsMaxAge says how old is old, and 0 never asks", async () => {
	for (const [claimsMaxAge, expected] of [
		[60, ["other"]],
		[0, ["staff"]],
	] as const) {
		const { browser, origin, later, bend } = await signedIn({
			auth: { extraScopes: ["offline_access"], session: { claimsMaxAge } },
		});
		expect(await groupsAt(browser, origin)).toEqual(["staff"]);
		later(61);
		bend({ userinfoClaims: { groups: ["other"] } });
		if (claimsMaxAge > 0)
			await vi.waitFor(async () => expect(await groupsAt(browser, origin)).toEqual(expected));
		later(3000);
		expect(await groupsAt(browser, origin)).toEqual(expected);
	}
	await expect(startRenewing({ auth: { session: { claimsMaxAge: 59 } } })).rejects.toThrow(
		"claimsMaxAge",
	);
});

describe("a group that was taken away counts for every header that a session comes with", () => {
	const admins: GateFixtureOptions = {
		auth: { extraScopes: ["offline_access"] },
		gate: { pages: { "/admin": { auth: inGroup("admins") } } },
	};

	async function removedAdmin(groups: readonly string[] = ["admins"]) {
		const fixture = await startRenewing(admins);
		const browser = new ScriptedBrowser();
		fixture.bend({ userinfoClaims: { groups } });
		await fixture.signIn(browser);
		await browser.navigate(`${fixture.origin}/private`);
		const { origin, idp } = fixture;
		/** Asks for the page of admins with another header each time. */
		const admin = async (extra: string) =>
			(
				await exchange(`${origin}/admin`, "GET", {
					cookie: `${allCookies(browser)}; ${extra}`,
					"sec-fetch-mode": "navigate",
					"sec-fetch-site": "same-origin",
				})
			).status;
		expect(await admin("analytics=0")).toBe(200);
		idp.requests.length = 0;
		return { ...fixture, browser, admin };
	}

	test.for([
		{ name: "an analytics cookie changes", extra: (i: number) => `analytics=${i}` },
		{ name: "a hops cookie of one's own", extra: (i: number) => `__Host-portcullis-hops=${i}` },
		{
			name: "a cookie with a name like ours",
			extra: (i: number, access: string) =>
				`${access.replace(/-at$/, "-tx-0123456789abcdef")}=${i}`,
		},
	])("$name from request to request", async ({ extra }) => {
		const { browser, admin, later, bend, idp } = await removedAdmin();
		const access = sessionCookies(browser).find((name) => name.endsWith("-at")) ?? "";
		later(STALE);
		bend({ userinfoClaims: { groups: [] } });
		let i = 1;
		await vi.waitFor(async () => expect(await admin(extra(i++, access))).toBe(403));
		expect(idp.count("userinfo")).toBe(1);
		// It stays so, whichever header comes next: the one from the beginning, and one that is new.
		expect(await admin("analytics=0")).toBe(403);
		expect(await admin("something=else")).toBe(403);
		expect(await admin(extra(i, access))).toBe(403);
		expect(idp.count("userinfo")).toBe(1);
	});

	test("and userinfo that refuses the session ends it for them all", async () => {
		const { admin, later, bend } = await removedAdmin();
		later(STALE);
		bend({ userinfo: "refused" });
		let i = 1;
		await vi.waitFor(async () => expect(await admin(`analytics=${i++}`)).toBe(302));
		bend({});
		expect(await admin("analytics=0")).toBe(302);
		expect(await admin("__Host-portcullis-hops=1")).toBe(302);
	});
});
