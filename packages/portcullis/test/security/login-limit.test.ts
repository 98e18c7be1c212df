import { expect, it } from "vitest";
import type { Audit } from "../../src/index.ts";
import { type GateFixtureOptions, MARKER, startGate } from "../support/gate-fixture.ts";
import { type Answer, exchange, ScriptedBrowser } from "../support/scripted-browser.ts";

const NAVIGATION = {
	"sec-fetch-mode": "navigate",
	"sec-fetch-dest": "document",
	"sec-fetch-site": "none",
};

/** A gate behind a proxy that says who asks. */
async function behindProxy(
	loginLimit?: number,
	auth: GateFixtureOptions["auth"] = { http: { trustProxy: true } },
) {
	const fixture = await startGate({
		auth: { ...auth, ...(loginLimit !== undefined && { session: { loginLimit } }) },
	});
	const ask = (
		path: string,
		address: string,
		headers: Record<string, string> = NAVIGATION,
	): Promise<Answer> =>
		exchange(fixture.origin + path, "GET", { ...headers, "x-forwarded-for": address });
	const statuses = async (path: string, ...addresses: string[]) => {
		const found: number[] = [];
		for (const address of addresses) found.push((await ask(path, address)).status);
		return found;
	};
	return { fixture, ask, statuses };
}

it("limits login starts of one address, in every spelling, and of no other (R78)", async () => {
	const { fixture, statuses } = await behindProxy(3);
	const same = [
		"2001:db8:1:2::1",
		"2001:DB8:1:2:0:0:0:2",
		"[2001:db8:1:2::3]:4711",
		"2001:db8:1:2:ffff::",
		"2001:db8:1:2::5",
	];
	expect(await statuses("/login/generic", ...same)).toEqual([302, 302, 302, 429, 429]);
	expect(await statuses("/login/generic", "2001:db8:1:3::1", "198.51.100.1")).toEqual([302, 302]);
	// What the caller itself puts in front of the proxy's word changes nothing.
	expect(await statuses("/login/generic", "192.0.2.1, 2001:db8:1:2::1")).toEqual([429]);
	expect(fixture.log).toMatchObject([
		{
			code: "too_many_requests",
			message: expect.stringMatching(/^2001:db8:1:2::\/64 begins more logins/),
		},
	]);
	// Pages that begin nothing, and callbacks, are not counted with them.
	expect(await statuses("/login", ...same)).toEqual([200, 200, 200, 200, 200]);
	fixture.clock.ahead += 20;
	expect(await statuses("/login/generic", same[0] ?? "", same[1] ?? "")).toEqual([302, 429]);
});

it("limits callers who make the words of their proxy contradict each other, as one", async () => {
	const { ask } = await behindProxy(3);
	const found: number[] = [];
	for (let i = 0; i < 6; i++) {
		const made = { ...NAVIGATION, forwarded: `for=192.0.2.${i}` };
		found.push((await ask("/login/generic", `198.51.100.${i}`, made)).status);
	}
	expect(found).toEqual([302, 302, 302, 429, 429, 429]);
	expect((await ask("/login/generic", "198.51.100.1")).status).toBe(302);
});

it("limits callbacks, before anything of them is believed or the provider is asked", async () => {
	const { fixture, ask, statuses } = await behindProxy(3);
	const path = "/callback?code=made-up&state=made-up";
	expect(await statuses(path, ...Array(5).fill("198.51.100.1"))).toEqual([302, 302, 302, 429, 429]);
	expect(await statuses("/callback/continue", "198.51.100.1")).toEqual([429]);
	expect(fixture.idp.requests).toEqual([]);
	const page = await ask(path, "198.51.100.1");
	expect(page.headers.get("retry-after")).toBe("20");
	expect(page.body).toContain("Too many attempts");
	expect(page.setCookies).toEqual([]);
	const problem = await ask(path, "198.51.100.1", { "sec-fetch-mode": "cors" });
	expect(JSON.parse(problem.body)).toMatchObject({ status: 429, code: "too_many_requests" });
	expect(fixture.log.length).toBe(1);
	// Somebody else is let in meanwhile.
	const browser = new ScriptedBrowser();
	expect((await fixture.signIn(browser)).body).toContain(MARKER);
});

it("tells the audit once a minute and address: a flood is not to become one of records (R127)", async () => {
	const heard: (string | undefined)[][] = [];
	const audit: Audit = (action, outcome, { reason, route, errorId }) => {
		if (outcome === "failure") heard.push([action, reason, route, errorId && "has an id"]);
	};
	const { fixture, statuses } = await behindProxy(2, {
		http: { trustProxy: true },
		platform: { audit },
	});
	const flood = Array(6).fill("198.51.100.1");
	expect(await statuses("/login/generic?redirect_to=%2Fsecret", ...flood)).toEqual([
		302, 302, 429, 429, 429, 429,
	]);
	const started = ["login_started", "too_many_requests", "/login/generic", "has an id"];
	expect(heard).toEqual([started]);
	expect(
		(await statuses("/callback?code=made-up&state=made-up", ...flood)).filter((one) => one === 429),
	).toHaveLength(4);
	const completed = ["login_completed", "too_many_requests", "/callback", "has an id"];
	expect(heard.filter(([, reason]) => reason === "too_many_requests")).toEqual([
		started,
		completed,
	]);
	await statuses("/login/generic", "198.51.100.2");
	expect(heard.filter(([, reason]) => reason === "too_many_requests")).toHaveLength(2);
	fixture.clock.ahead += 61;
	await statuses("/login/generic", ...flood);
	expect(heard.filter(([, reason]) => reason === "too_many_requests")).toEqual([
		started,
		completed,
		started,
	]);
});

it("takes 600 a minute without being told, and any number with 0", async () => {
	const now = Date.now();
	const allowed = async (auth: GateFixtureOptions["auth"]) => {
		const { gate, origin } = await startGate({
			auth: { http: { trustProxy: true }, platform: { now: () => now }, ...auth },
		});
		const headers = { "x-forwarded-for": "198.51.100.1" };
		const ask = () =>
			gate.handle(new Request(`${origin}/callback?state=x`, { headers }), () => new Response());
		const answers = await Promise.all(Array.from({ length: 610 }, ask));
		return answers.filter(({ status }) => status !== 429).length;
	};
	expect(await allowed({})).toBe(600);
	expect(await allowed({ session: { loginLimit: 0 } })).toBe(610);
});

it("believes no forwarded address of a peer that is not trusted, and does not make everybody behind it one", async () => {
	const { statuses } = await behindProxy(2, {});
	expect(await statuses("/login/generic", ...Array(5).fill("198.51.100.1"))).toEqual([
		302, 302, 302, 302, 302,
	]);
});

it.each([-1, 0.5, 1e7])("refuses a limit of %d", async (loginLimit) => {
	await expect(startGate({ auth: { session: { loginLimit } } })).rejects.toThrow(
		"loginLimit is not a whole number",
	);
});
