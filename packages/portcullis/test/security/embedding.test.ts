import { createHash, randomBytes } from "node:crypto";
import { expect, onTestFinished, test, vi } from "vitest";
import {
	type Audit,
	type AuditContext,
	ConfigError,
	type LogEntry,
	Provider,
	portcullis,
} from "../../src/index.ts";
import { memory } from "../../src/state.ts";
import {
	type GateFixture,
	type GateFixtureOptions,
	MARKER,
	type Person,
	providerClass,
	SECRET,
	startGate,
} from "../support/gate-fixture.ts";
import { logoutToken, sendLogout } from "../support/logout-token.ts";
import { type Answer, exchange, ScriptedBrowser } from "../support/scripted-browser.ts";

const PORTAL = "https://portal.example";
const OTHER = "https://other.example";
const EVIL = "https://evil.example";

const ordinary = await startEmbedded();
const withoutStore = await startGate({ auth: { http: { embed: { ancestors: [PORTAL] } } } });

function startEmbedded(options: GateFixtureOptions = {}): Promise<GateFixture> {
	return startGate({
		...options,
		auth: { http: { embed: { ancestors: [PORTAL, OTHER] } }, store: memory(), ...options.auth },
	});
}

/**
 * A window of the app in a frame: what its script keeps to itself, and the cookies of its
 * partition.
 */
class Frame {
	readonly verifier = randomBytes(32).toString("base64url");
	readonly challenge = createHash("sha256").update(this.verifier).digest("base64url");
	/**
	 * Of the frame's partition: nothing of it reaches a window at the top, or the other way round.
	 */
	readonly cookies = new Map<string, string>();
	readonly gate: GateFixture;
	readonly ancestors: readonly string[];

	constructor(gate: GateFixture, ancestors: readonly string[] = [PORTAL]) {
		this.gate = gate;
		this.ancestors = ancestors;
	}

	get form(): Record<string, string> {
		return {
			challenge: this.challenge,
			ancestors: this.ancestors.join(" "),
			redirect_to: "/private",
		};
	}

	/** Opens the popup and signs in there; returns the page that hands over. */
	async popup(browser = new ScriptedBrowser()): Promise<Answer> {
		const url = `${this.gate.origin}/login/generic`;
		const headers = { origin: this.gate.origin };
		return browser.navigate(url, { from: `${this.gate.origin}/login`, form: this.form, headers });
	}

	async send(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
		const sent: Record<string, string> = {
			"content-type": "application/json",
			"portcullis-request": "1",
			"sec-fetch-site": "same-origin",
			"sec-fetch-mode": "cors",
			origin: this.gate.origin,
			cookie: this.cookieHeader(),
			...headers,
		};
		const answer = await exchange(this.gate.origin + path, "POST", sent, JSON.stringify(body));
		this.keep(answer);
		return answer;
	}

	claim(
		changes: Record<string, unknown> = {},
		headers: Record<string, string> = {},
	): Promise<Answer> {
		return this.send(
			"/_portcullis/claim",
			{ verifier: this.verifier, ancestors: this.ancestors, ...changes },
			headers,
		);
	}

	/** A page is loaded in the frame. */
	load(path: string, headers: Record<string, string> = {}): Promise<Answer> {
		return exchange(this.gate.origin + path, "GET", {
			accept: "text/html",
			"sec-fetch-mode": "navigate",
			"sec-fetch-dest": "iframe",
			"sec-fetch-site": "cross-site",
			cookie: this.cookieHeader(),
			...headers,
		});
	}

	cookieHeader(): string {
		return [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
	}

	/** As in another site's frame: only `SameSite=None; Partitioned` is kept. */
	keep({ setCookies }: Answer): void {
		for (const line of setCookies) {
			if (!/; SameSite=None; Partitioned$/.test(line)) continue;
			const [name = "", value = ""] = (line.split(";", 1)[0] ?? "").split(/=(.*)/s);
			if (line.includes("Max-Age=0")) this.cookies.delete(name);
			else this.cookies.set(name, value);
		}
	}
}

/** What the page that ends a popup would say to its opener. */
function handoffOf(page: Answer): string {
	const handoff = /data-handoff="([^"]+)"/.exec(page.body)?.[1];
	if (!handoff) throw new Error(`No hand-off on ${page.url} (${page.status})`);
	return handoff;
}

const codeOf = ({ body }: Answer): unknown => (JSON.parse(body) as { code: unknown }).code;
const statusOf = ({ body }: Answer): unknown => (JSON.parse(body) as { status: unknown }).status;

function takeReason(gate: GateFixture): string | undefined {
	return gate.log.splice(0).at(-1)?.reason;
}

test("a frame signs in and signs out with partitioned cookies alone", async () => {
	const frame = new Frame(ordinary);
	const browser = new ScriptedBrowser();
	const page = await frame.popup(browser);
	expect(page.headers.get("cross-origin-opener-policy")).toBeNull();
	expect([...browser.jar.keys()].filter((name) => /-(at|id|rt|sc|on)$/.test(name))).toEqual([]);

	const claimed = await frame.claim({ handoff: handoffOf(page) });
	expect([claimed.status, statusOf(claimed)]).toEqual([200, "signed_in"]);
	expect(claimed.setCookies.length).toBeGreaterThan(2);
	for (const line of claimed.setCookies)
		expect(line).toMatch(
			/^__Host-emb\.generic-.{6}-\w\w=.+; Path=\/; Max-Age=604800; Secure; HttpOnly; SameSite=None; Partitioned$/,
		);
	const shown = await frame.load("/private");
	expect(shown.body).toContain(MARKER);
	expect(shown.headers.get("content-security-policy")).toBe(`frame-ancestors ${PORTAL} ${OTHER}`);

	const left = await frame.send("/logout", {});
	expect(left.status).toBe(200);
	expect(frame.cookies.size).toBe(0);
	expect((await frame.load("/private")).status).toBe(302);
});

test("the audit hears of a login in a popup when the window has taken it over, of its logout, and of no window that must not (R127)", async () => {
	const heard: (AuditContext & { readonly is: string })[] = [];
	const audit: Audit = (action, outcome, context) =>
		void heard.push({ is: `${action} ${outcome}`, ...context });
	const gate = await startEmbedded({ auth: { platform: { audit } } });
	const frame = new Frame(gate);
	const handoff = handoffOf(await frame.popup());
	// The popup itself has signed nobody in.
	expect(heard.map(({ is, reason }) => [is, reason])).toEqual([
		["login_started success", undefined],
	]);
	heard.length = 0;
	await frame.claim({ handoff, ancestors: [EVIL] });
	await frame.claim({ handoff });
	await frame.claim({ handoff });
	expect(heard.map(({ is, reason }) => [is, reason])).toEqual([
		["login_completed failure", "handoff_invalid"],
		["login_completed success", "popup_tokens_synced"],
		["login_completed failure", "handoff_invalid"],
	]);
	const [refused, completed] = heard;
	expect(refused).not.toHaveProperty("userinfo");
	expect(completed).toMatchObject({
		provider: "generic",
		route: "/_portcullis/claim",
		userinfo: { sub: "ada" },
	});
	heard.length = 0;
	await frame.load("/private");
	await frame.send("/logout", {});
	expect(heard.map(({ is, reason, session }) => [is, reason, session])).toEqual([
		["page_load allowed", undefined, completed?.session],
		["logout success", "popup_logout_synced", completed?.session],
	]);
	expect(heard[1]).toMatchObject({
		provider: "generic",
		route: "/logout",
		userinfo: { sub: "ada" },
	});
	expect(JSON.stringify(heard)).not.toContain(handoff);
});

test("what a token response had beyond the standard's members comes over from the popup, sealed", async () => {
	const members: unknown[] = [];
	const gate = await startEmbedded({
		app: async (_, user) => {
			members.push(await user?.tokenExtra());
			return new Response(MARKER);
		},
	});
	gate.idp.set({ tokenResponse: { instance_url: "https://eu1.example", patient: { id: 42 } } });
	const frame = new Frame(gate);
	const page = await frame.popup();
	const claimed = await frame.claim({ handoff: handoffOf(page) });
	expect((await frame.load("/private")).body).toContain(MARKER);
	expect(members).toEqual([{ instance_url: "https://eu1.example", patient: { id: 42 } }]);
	for (const { body } of [page, claimed]) expect(body).not.toContain("eu1.example");
});

test("the session of a frame is renewed in its own cookies, and outlives an outage like any other", async () => {
	const gate = await startEmbedded({ auth: { extraScopes: ["offline_access"] } });
	const frame = new Frame(gate);
	await frame.claim({ handoff: handoffOf(await frame.popup()) });
	gate.clock.ahead += 3600;
	const page = await frame.load("/private");
	expect(page.body).toContain("Your session is being renewed");
	expect(page.headers.get("content-security-policy")).toContain(
		`frame-ancestors ${PORTAL} ${OTHER}`,
	);
	expect(page.setCookies.map((line) => line.replace(/^.*; /, ""))).toEqual(["Partitioned"]);
	gate.idp.faults = { transport: { token: 503 } };
	const kept = await frame.send("/_portcullis/refresh", {});
	expect([
		kept.status,
		kept.setCookies.every((line) => line.endsWith("; SameSite=None; Partitioned")),
	]).toEqual([200, true]);
	expect((await frame.load("/private")).body).toContain(MARKER);
	gate.idp.faults = {};
	gate.log.length = 0;
	gate.clock.ahead += 60;
	const renewed = await frame.send("/_portcullis/refresh", {});
	expect(JSON.parse(renewed.body)).toMatchObject({ renewed: true, session: { signedIn: true } });
	for (const line of renewed.setCookies)
		expect(line).toMatch(/^__Host-emb\..*; SameSite=None; Partitioned$/);
	expect((await frame.load("/private")).body).toContain(MARKER);
});

test.for([
	{ when: "while it is good", later: 0 },
	{ when: "after its access token has ended", later: 3700 },
])(
	"a copy of a session that a login in a popup has replaced is worth nothing, $when",
	async ({ later }) => {
		const gate = await startEmbedded({ auth: { extraScopes: ["offline_access"] } });
		const frame = new Frame(gate);
		await frame.claim({ handoff: handoffOf(await frame.popup()) });
		const copy = new Frame(gate);
		for (const [name, value] of frame.cookies) copy.cookies.set(name, value);
		expect((await copy.load("/private")).body).toContain(MARKER);
		gate.clock.ahead += later;
		gate.idp.set({ clockSkew: later });
		const again = new Frame(gate);
		for (const [name, value] of frame.cookies) again.cookies.set(name, value);
		expect(statusOf(await again.claim({ handoff: handoffOf(await again.popup()) }))).toBe(
			"signed_in",
		);
		gate.idp.requests.length = 0;
		expect((await copy.load("/private")).body).not.toContain(MARKER);
		expect((await copy.send("/_portcullis/refresh", {})).status).toBe(401);
		expect(gate.idp.count("token")).toBe(0);
		expect((await again.load("/private")).body).toContain(MARKER);
	},
);

test("a provider that ends a person's sessions ends those in frames as well", async () => {
	const gate = await startEmbedded();
	const frame = new Frame(gate);
	await frame.claim({ handoff: handoffOf(await frame.popup()) });
	expect((await frame.load("/private")).body).toContain(MARKER);
	gate.clock.ahead += 5;
	expect(
		(await sendLogout(gate.origin, logoutToken(gate, { claims: { sub: "ada" } }))).status,
	).toBe(200);
	expect((await frame.load("/private")).body).not.toContain(MARKER);
});

test("a person whom the provider puts out before their window has claimed the popup's login is not in", async () => {
	const gate = await startEmbedded();
	const frame = new Frame(gate);
	const handoff = handoffOf(await frame.popup());
	gate.clock.ahead += 5;
	expect(
		(await sendLogout(gate.origin, logoutToken(gate, { claims: { sub: "ada" } }))).status,
	).toBe(200);
	gate.clock.ahead += 5;
	const claimed = await frame.claim({ handoff });
	expect([claimed.status, codeOf(claimed), claimed.setCookies]).toEqual([
		401,
		"login_required",
		[],
	]);
	expect(takeReason(gate)).toBe("ended");
	expect((await frame.load("/private")).body).not.toContain(MARKER);
	// Who signs in again is signed in.
	gate.idp.set({ clockSkew: gate.clock.ahead });
	const again = new Frame(gate);
	await again.claim({ handoff: handoffOf(await again.popup()) });
	expect((await again.load("/private")).body).toContain(MARKER);
});

test("a window is not told that it is signed in by a session that the app does not accept", async () => {
	let accepts = true;
	const gate = await startEmbedded({
		providerClass: (name) =>
			class extends Provider<Person> {
				readonly name = name;
				override validateTokens() {
					return accepts;
				}
			},
	});
	const frame = new Frame(gate);
	const handoff = handoffOf(await frame.popup());
	accepts = false;
	const claimed = await frame.claim({ handoff });
	expect([claimed.status, codeOf(claimed), claimed.setCookies]).toEqual([
		401,
		"login_required",
		[],
	]);
	expect((await frame.load("/private")).body).not.toContain(MARKER);
});

test("a login in a popup that was not claimed before a sign-out signs nobody in after it", async () => {
	vi.spyOn(Provider.prototype, "popupLogin").mockReturnValue(true);
	onTestFinished(() => void vi.restoreAllMocks());
	const gate = await startEmbedded();
	const browser = new ScriptedBrowser();
	const top = new Frame(gate, []);
	const handoff = handoffOf(await top.popup(browser));
	const cookie = () => browser.cookieHeader(`${gate.origin}/`);
	expect(cookie()).toContain("-ho=");
	await browser.submit(
		await browser.navigate(`${gate.origin}/logout`, { from: `${gate.origin}/` }),
	);
	const claimed = await top.claim({ handoff }, { cookie: cookie() });
	expect([claimed.status, claimed.setCookies]).toEqual([403, []]);
	expect(takeReason(gate)).toBe("cookies");
});

test("no token and no session is in the page of the popup, and none in a readable answer (R106)", async () => {
	const frame = new Frame(ordinary);
	const page = await frame.popup();
	const claimed = await frame.claim({ handoff: handoffOf(page) });
	// Tokens of the provider are JWTs, or begin with what says what they are.
	for (const { body } of [page, claimed])
		expect(body).not.toMatch(/eyJ[\w-]{10}|access_token|refresh_token|id_token/);
});

test.each([
	["another frame's verifier", { verifier: randomBytes(32).toString("base64url") }],
	["another page above it, also an allowed one (R110)", { ancestors: [OTHER] }],
	["one page more above it", { ancestors: [PORTAL, OTHER] }],
	["no page above it", { ancestors: [] }],
])("a hand-off is refused to %s", async (_, changes) => {
	const frame = new Frame(ordinary);
	const handoff = handoffOf(await frame.popup());
	const refused = await frame.claim({ handoff, ...changes });
	expect([refused.status, codeOf(refused), refused.setCookies]).toEqual([
		403,
		"handoff_invalid",
		[],
	]);
	expect(takeReason(ordinary)).toBe("binding");
	// Nothing was spoilt for the one that it is for.
	expect((await frame.claim({ handoff })).status).toBe(200);
});

test("a page that is not allowed is refused at the start and at the claim, and not believed by referrer (R132)", async () => {
	const foreign = new Frame(ordinary, [EVIL]);
	const browser = new ScriptedBrowser();
	const page = await foreign.popup(browser);
	expect([page.status, browser.trail.length]).toEqual([403, 1]);
	expect(takeReason(ordinary)).toBe("ancestor");
	const frame = new Frame(ordinary);
	const handoff = handoffOf(await frame.popup());
	for (const ancestors of [
		[EVIL],
		[PORTAL, EVIL],
		[`${PORTAL}/`],
		["null"],
		Array(9).fill(PORTAL),
	]) {
		const refused = await frame.claim({ handoff, ancestors }, { referer: `${PORTAL}/` });
		expect([400, 403]).toContain(refused.status);
	}
	ordinary.log.length = 0;
});

test("a page that is no longer listed is refused though its popup was begun (R132)", async () => {
	const frame = new Frame(ordinary, [PORTAL]);
	const handoff = handoffOf(await frame.popup());
	const reasons: unknown[] = [];
	const platform = {
		env: ordinary.idp.env,
		log: ({ reason }: LogEntry) => void reasons.push(reason),
	};
	const claimAt = (ancestors: string[]) =>
		portcullis({
			secret: SECRET,
			providers: [providerClass("generic")],
			platform,
			http: { embed: { ancestors } },
		})
			.gate()
			.handle(
				new Request(`${ordinary.origin}/_portcullis/claim`, {
					method: "POST",
					headers: { origin: ordinary.origin, "portcullis-request": "1" },
					body: JSON.stringify({ verifier: frame.verifier, ancestors: [PORTAL], handoff }),
				}),
				() => new Response(),
			);
	expect([(await claimAt([OTHER])).status, reasons]).toEqual([403, ["ancestor"]]);
	expect((await claimAt([OTHER, PORTAL])).status).toBe(200);
});

test("a popup of a page at the top is for its own browser alone", async () => {
	vi.spyOn(Provider.prototype, "popupLogin").mockReturnValue(true);
	const top = new Frame(ordinary, []);
	const browser = new ScriptedBrowser();
	const handoff = handoffOf(await top.popup(browser));
	const elsewhere = await top.claim({ handoff });
	expect([elsewhere.status, elsewhere.setCookies, takeReason(ordinary)]).toEqual([
		403,
		[],
		"cookies",
	]);
	vi.restoreAllMocks();
});

test("a hand-off is too old after a minute, and void when it was changed", async () => {
	const frame = new Frame(ordinary);
	const handoff = handoffOf(await frame.popup());
	const changed = `${handoff.slice(0, -2)}${handoff.at(-2) === "A" ? "B" : "A"}${handoff.slice(-1)}`;
	expect((await frame.claim({ handoff: changed })).status).toBe(403);
	ordinary.clock.ahead = 61;
	expect((await frame.claim({ handoff })).status).toBe(403);
	ordinary.clock.ahead = 0;
	expect(ordinary.log.splice(0).map(({ reason }) => reason)).toEqual(["binding", "binding"]);
});

test("of 50 claims at the same time one gets it (R133)", async () => {
	const gate = await startEmbedded();
	const frame = new Frame(gate);
	const handoff = handoffOf(await frame.popup());
	const answers = await Promise.all(Array.from({ length: 50 }, () => frame.claim({ handoff })));
	expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
	expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 403, 429]));
	expect((await frame.claim()).status).not.toBe(200);
});

test("a popup that was cut off leaves it in the store, for whoever has the verifier, once", async () => {
	const frame = new Frame(ordinary);
	expect(statusOf(await frame.claim())).toBe("pending");
	await frame.popup();
	expect(statusOf(await new Frame(ordinary).claim())).toBe("pending");
	expect(statusOf(await frame.claim())).toBe("signed_in");
	const again = await frame.claim();
	expect([again.status, takeReason(ordinary)]).toEqual([403, "used"]);
});

test("without a store nothing is kept, and nobody waits for it", async () => {
	const frame = new Frame(withoutStore);
	const handoff = handoffOf(await frame.popup());
	withoutStore.log.splice(0);
	expect((await frame.claim()).status).toBe(404);
	// Every window asks like that once, if its popup takes longer than a second: that is no warning.
	expect(withoutStore.log).toEqual([]);
	expect((await frame.claim({ handoff })).status).toBe(200);
	const again = await frame.claim({ handoff });
	expect([again.status, takeReason(withoutStore)]).toEqual([403, "used"]);
});

test("asking is bounded: five at once, then one a second, for three minutes (R133)", async () => {
	const gate = await startEmbedded();
	const frame = new Frame(gate);
	const first = await Promise.all(Array.from({ length: 8 }, () => frame.claim()));
	expect(first.filter(({ status }) => status === 200).length).toBeLessThan(8);
	expect(first.find(({ status }) => status === 429)?.headers.get("retry-after")).toBe("1");
	for (let second = 1; second <= 182; second++) {
		gate.clock.ahead += 1;
		expect((await frame.claim()).status).toBe(200);
	}
	gate.clock.ahead += 1;
	const last = await frame.claim();
	expect([last.status, takeReason(gate)]).toEqual([403, "too_often"]);
}, 30_000);

test.each([
	["another site", { origin: EVIL }],
	["a frame beside it, of another site", { "sec-fetch-site": "cross-site" }],
	["no script of ours", { "portcullis-request": undefined as unknown as string }],
	["nobody in particular", { origin: undefined as unknown as string }],
])("a claim by %s is refused", async (_, headers) => {
	const frame = new Frame(ordinary);
	const sent = Object.fromEntries(
		Object.entries(headers).filter(([, value]) => value !== undefined),
	);
	const without = Object.keys(headers).filter((name) => !(name in sent));
	const all: Record<string, string> = {
		"content-type": "application/json",
		"portcullis-request": "1",
		origin: ordinary.origin,
		...sent,
	};
	for (const name of without) delete all[name];
	const body = JSON.stringify({ verifier: frame.verifier, ancestors: [PORTAL] });
	const answer = await exchange(`${ordinary.origin}/_portcullis/claim`, "POST", all, body);
	expect([answer.status, codeOf(answer)]).toEqual([403, "csrf_failed"]);
});

test("outside of frames a hand-off is for the browser of its popup: ordinary cookies, or none", async () => {
	const browser = new ScriptedBrowser();
	const frame = new Frame(ordinary, []);
	const provider = new Frame(ordinary);
	const page = await provider.popup(browser);
	const stolen = await frame.claim({ handoff: handoffOf(page) });
	expect(stolen.status).toBe(403);
	ordinary.log.length = 0;
	// The popup's cookie comes along where both are of one site.
	const cookie = browser.cookieHeader(`${ordinary.origin}/`);
	const claimed = await provider.claim({ handoff: handoffOf(page) }, { cookie });
	expect(claimed.setCookies.some((line) => /-at=.*SameSite=Strict$/.test(line))).toBe(true);
	expect(claimed.setCookies.some((line) => line.includes("SameSite=None"))).toBe(false);
});

// R131: the attacker starts the popup in the victim's browser with a hash of his own, and then
// claims what comes of it.
test.each([
	["a link", { method: "GET" }],
	["a form", { form: true, headers: { origin: EVIL } }],
	["a form that hides its origin", { form: true, headers: { origin: "null" } }],
	["a form in a frame", { form: true, headers: { origin: EVIL, "sec-fetch-dest": "iframe" } }],
	[
		"a script",
		{
			form: true,
			headers: { origin: EVIL, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "empty" },
		},
	],
	[
		"a page of the same site",
		{ form: true, headers: { origin: EVIL, "sec-fetch-site": "same-site" } },
	],
	["a bookmark", { form: true, headers: { origin: EVIL, "sec-fetch-site": "none" } }],
	["a browser that says nothing", { form: true, headers: { origin: EVIL, "sec-fetch-site": "" } }],
] as const)("somebody else's start by %s signs nobody in", async (_, how) => {
	const gate = await startEmbedded();
	const attacker = new Frame(gate);
	// Somebody whom the provider signs in without a question.
	const victim = new ScriptedBrowser();
	await gate.signIn(victim);
	for (const path of ["/login/generic", "/login"]) {
		const url = new URL(gate.origin + path);
		if (!("form" in how))
			for (const [name, value] of Object.entries(attacker.form)) url.searchParams.set(name, value);
		const page = await victim.navigate(url.href, {
			from: `${EVIL}/page`,
			...("form" in how ? { form: attacker.form, headers: how.headers } : {}),
		});
		expect(victim.trail).toHaveLength(1);
		expect(page.body).not.toContain("data-handoff");
		if ("form" in how && page.headers.get("content-type")?.startsWith("text/html"))
			expect(page.body).toContain(PORTAL);
	}
	expect(statusOf(await attacker.claim())).toBe("pending");
	// Those that came in the background are refused, which the log says; nothing else happened.
	const background = { code: "forbidden", reason: "background" };
	for (const line of gate.log.splice(0)) expect(line).toMatchObject(background);
});

test("a person who is asked and says yes signs in by message alone: nothing is left for somebody who waits (R131)", async () => {
	const gate = await startEmbedded();
	const attacker = new Frame(gate);
	const victim = new ScriptedBrowser();
	const headers = { origin: EVIL };
	const asked = await victim.navigate(`${gate.origin}/login/generic`, {
		from: `${EVIL}/`,
		form: attacker.form,
		headers,
	});
	expect(asked.status).toBe(403);
	expect(asked.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
	const fields = Object.fromEntries(
		[...asked.body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(
			([, name, value]) => [name, value],
		),
	) as Record<string, string>;
	const own = { origin: gate.origin };
	// What was confirmed holds for nothing else.
	const swapped = { ...fields, challenge: new Frame(gate).challenge };
	const again = await victim.navigate(asked.url, { from: asked.url, form: swapped, headers: own });
	expect([again.status, again.body.includes("data-handoff")]).toEqual([403, false]);

	const page = await victim.navigate(asked.url, { from: asked.url, form: fields, headers: own });
	expect(handoffOf(page)).toMatch(/^\S+$/);
	expect(statusOf(await attacker.claim())).toBe("pending");
});

test("1,000 starts of others leave nothing to claim (R131)", async () => {
	const gate = await startEmbedded();
	const victim = new ScriptedBrowser();
	await gate.signIn(victim);
	let obtained = 0;
	for (let i = 0; i < 1000; i++) {
		const attacker = new Frame(gate);
		const options = {
			form: attacker.form,
			headers: { origin: i % 2 ? EVIL : "null" },
			from: `${EVIL}/`,
		};
		const page = await victim.navigate(`${gate.origin}/login/generic`, options);
		if (page.body.includes("data-handoff")) obtained++;
		// Each tenth claims, so that the limit for an address is not what stops the attacker.
		if (i % 10 === 0 && statusOf(await attacker.claim()) === "signed_in") obtained++;
	}
	expect(obtained).toBe(0);
}, 60_000);

test("who may frame what: guarded answers and the login page for those listed, what asks and what ends a popup for nobody (R109)", async () => {
	const policyOf = (answer: Answer) =>
		/frame-ancestors [^;,]*/.exec(answer.headers.get("content-security-policy") ?? "")?.[0];
	const frame = new Frame(ordinary);
	const login = await frame.load("/login");
	expect([policyOf(login), login.headers.get("x-frame-options")]).toEqual([
		`frame-ancestors ${PORTAL} ${OTHER}`,
		null,
	]);
	expect(policyOf(await frame.popup())).toBe("frame-ancestors 'none'");

	const closed = await startGate();
	const shut = await new Frame(closed).load("/login");
	expect([policyOf(shut), shut.headers.get("x-frame-options")]).toEqual([
		"frame-ancestors 'none'",
		"DENY",
	]);
	const page = await closed.signIn();
	expect(policyOf(page)).toBe("frame-ancestors 'none'");
});

test("the cookies of a frame are nothing at the top, where an ordinary session is, and where no frames are allowed", async () => {
	const frame = new Frame(ordinary);
	await frame.claim({ handoff: handoffOf(await frame.popup()) });
	const browser = new ScriptedBrowser();
	await ordinary.signIn(browser);
	const both = `${browser.cookieHeader(ordinary.origin)}; ${frame.cookieHeader()}`;
	const ofTop = await exchange(`${ordinary.origin}/_portcullis/session`, "GET", {
		cookie: browser.cookieHeader(ordinary.origin),
	});
	const ofBoth = await exchange(`${ordinary.origin}/_portcullis/session`, "GET", { cookie: both });
	expect(ofBoth.body).toBe(ofTop.body);
	// A cookie of one set under the name of the other.
	const renamed = frame.cookieHeader().replaceAll("__Host-emb.", "__Host-");
	expect((await frame.load("/private", { cookie: renamed })).status).not.toBe(200);

	const closed = await startGate({ auth: { secret: SECRET } });
	expect(
		(await new Frame(closed).load("/private", { cookie: frame.cookieHeader() })).body,
	).not.toContain(MARKER);
});

test("other sites' requests from below the same page are nobody's (R67)", async () => {
	const frame = new Frame(ordinary);
	await frame.claim({ handoff: handoffOf(await frame.popup()) });
	const image = {
		"sec-fetch-mode": "no-cors",
		"sec-fetch-dest": "image",
		"sec-fetch-site": "cross-site",
		accept: "*/*",
	};
	const answer = await frame.load("/private", image);
	expect([answer.status, codeOf(answer)]).toEqual([403, "csrf_failed"]);
	for (const headers of [{ origin: EVIL }, { origin: "null" }]) {
		const sent = await frame.send("/private", {}, headers);
		expect([sent.status, codeOf(sent)]).toEqual([403, "csrf_failed"]);
	}
	// And those of its own are somebody's.
	expect(
		(await frame.load("/private", { ...image, "sec-fetch-site": "same-origin" })).body,
	).toContain(MARKER);
});

test.each([
	[{ ancestors: [] }, "an empty one"],
	[{ ancestors: "https://portal.example" }, "not a list"],
	[{ ancestors: ["https://*.portal.example"] }, "wildcard"],
	[{ ancestors: ["https://portal.example/"] }, "https://portal.example"],
	[{ ancestors: ["http://portal.example"] }, "not https"],
	[{ ancestors: ["portal.example"] }, "not an origin"],
	[{ ancestors: ["https://portal.example; script-src data:"] }, "not an origin"],
	[{ ancestors: ["https://a.example"], allow: [] }, '"allow"'],
])("embed: %j is a mistake that says so", (embed, says) => {
	const auth = portcullis({
		secret: SECRET,
		platform: { env: { ...ordinary.idp.env } },
		http: { embed: embed as never },
	});
	let thrown: unknown;
	try {
		auth.gate();
	} catch (error) {
		thrown = error;
	}
	expect(thrown).toBeInstanceOf(ConfigError);
	expect((thrown as Error).message).toContain(says);
});

test("a second popup for the same window changes nothing: what was left first stays", async () => {
	const gate = await startEmbedded();
	const frame = new Frame(gate);
	await frame.popup();
	gate.idp.person = { sub: "mallory" };
	await frame.popup();
	const claimed = await frame.claim();
	expect([
		statusOf(claimed),
		claimed.body.includes("mallory"),
		claimed.body.includes("ada"),
	]).toEqual(["signed_in", false, true]);
});

test("a popup is begun by a page that is opened, with a form that says each thing once", async () => {
	const { form, gate } = new Frame(ordinary);
	const own = {
		...{
			origin: gate.origin,
			accept: "text/html",
			"content-type": "application/x-www-form-urlencoded",
		},
		...{
			"sec-fetch-site": "same-origin",
			"sec-fetch-mode": "navigate",
			"sec-fetch-dest": "document",
		},
	};
	const send = (headers: Record<string, string>, more = "") =>
		exchange(
			`${gate.origin}/login/generic`,
			"POST",
			{ ...own, ...headers },
			new URLSearchParams(form) + more,
		);
	const begins = ({ setCookies }: Answer) => setCookies.some((line) => line.includes("-tx-"));
	expect(begins(await send({}))).toBe(true);
	const elsewhere = [
		{ "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" },
		{ "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" },
		{ "sec-fetch-dest": "iframe" },
		{ "sec-purpose": "prefetch" },
	];
	for (const headers of elsewhere) {
		const refused = await send(headers);
		expect([headers, refused.status, refused.setCookies]).toEqual([headers, 403, []]);
	}
	for (const [name, value] of Object.entries(form)) {
		const refused = await send({}, `&${new URLSearchParams([[name, value]])}`);
		expect([name, takeReason(ordinary), begins(refused)]).toEqual([name, "form", false]);
	}
	ordinary.log.length = 0;
});
