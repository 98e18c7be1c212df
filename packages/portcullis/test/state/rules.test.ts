import { describe, expect, test } from "vitest";
import { inGroup } from "../../src/checks.ts";
import type { Auth, AuthContext, Rule } from "../../src/index.ts";
import { type GateFixture, MARKER, type Person, startGate } from "../support/gate-fixture.ts";
import { exchange, ScriptedBrowser } from "../support/scripted-browser.ts";
import { type PersonName, signInAs } from "../support/state-people.ts";
import { StateTab } from "../support/state-tab.ts";

type Who = PersonName | "anonymous";
type Answer = "open" | "login" | "no";

/** How often something ran that must not run for everyone. */
const runs = new Map<string, number>();
const ran = (name: string) => runs.set(name, (runs.get(name) ?? 0) + 1);

/** A check that says what a check in plain JavaScript can say. */
function saying(
	name: string,
	answer: (context: AuthContext<Person>) => unknown,
): Rule<AuthContext<Person>> {
	return (context) => {
		ran(`check ${name} ${context.kind}`);
		return answer(context) as boolean;
	};
}

const isOwner = inGroup("owners");

/**
 * Every kind of rule, and what becomes of somebody who is signed in: a name means that nobody else
 * is let in.
 */
const RULES: Record<
	string,
	{ rule: Rule<AuthContext<Person>>; lets: "all" | "signedIn" | PersonName | "none" }
> = {
	open: { rule: false, lets: "all" },
	login: { rule: true, lets: "signedIn" },
	yes: { rule: saying("yes", () => true), lets: "signedIn" },
	later: { rule: saying("later", async () => true), lets: "signedIn" },
	no: { rule: saying("no", () => false), lets: "none" },
	laterNo: { rule: saying("laterNo", async () => false), lets: "none" },
	throws: {
		rule: saying("throws", () => {
			throw new Error("database down: hunter2");
		}),
		lets: "none",
	},
	rejects: {
		rule: saying("rejects", () => Promise.reject(new Error("database down: hunter2"))),
		lets: "none",
	},
	hangs: { rule: saying("hangs", () => new Promise(() => {})), lets: "none" },
	object: { rule: saying("object", () => ({ allowed: true })), lets: "none" },
	response: { rule: saying("response", () => new Response("yes")), lets: "none" },
	error: { rule: saying("error", () => new Error("yes")), lets: "none" },
	one: { rule: saying("one", () => 1), lets: "none" },
	text: { rule: saying("text", async () => "true"), lets: "none" },
	nothing: { rule: saying("nothing", () => undefined), lets: "none" },
	group: { rule: saying("group", (context) => isOwner(context)), lets: "ada" },
};

function expected(lets: (typeof RULES)[string]["lets"], who: Who): Answer {
	if (lets === "all") return "open";
	if (who === "anonymous") return "login";
	return lets === "signedIn" || lets === who ? "open" : "no";
}

/** A gate with one State and one page for each rule; `untagged` leaves the rule to the default. */
function gateWith(
	auth: Auth<Person>,
	rules: Record<string, Rule<AuthContext<Person>> | undefined>,
) {
	const { State, field, computed, event } = auth;
	const states = Object.fromEntries(
		Object.entries(rules).map(([name, rule]) => {
			const tag = rule === undefined ? {} : { auth: rule };
			class Ruled extends State {
				stored = field<string>("placeholder", tag);
				worked = computed(
					() => {
						ran(`computed ${name}`);
						return "worked out";
					},
					{ ...tag, initial: "placeholder" },
				);
				awaited = computed(
					() => ran(`dependencies ${name}`) && "fetched",
					async ({ dependencies: text }) => {
						ran(`async ${name}`);
						return text;
					},
					{ ...tag, initial: "placeholder" },
				);
				act = event(tag, () => {
					ran(`event ${name}`);
					return "done";
				});
				background = event({ ...tag, background: true }, async () => {
					ran(`event ${name}`);
					return "done";
				});
			}
			return [name, Ruled];
		}),
	);
	const pages = Object.fromEntries(
		Object.entries(rules).flatMap(([name, rule]) =>
			rule === undefined ? [] : [[`/p/${name}`, { auth: rule }]],
		),
	);
	return { states, pages };
}

/**
 * What somebody gets from each surface of one rule, all asked at once: a check that hangs takes its
 * two seconds only once.
 */
async function answers(
	fixture: GateFixture,
	name: string,
	browser: ScriptedBrowser,
): Promise<Record<string, Answer>> {
	const url = `${fixture.origin}/p/${name}`;
	const cookie = browser.cookieHeader(url);
	const own = { ...(cookie ? { cookie } : {}) };
	const navigation = {
		...own,
		accept: "text/html",
		"sec-fetch-mode": "navigate",
		"sec-fetch-dest": "document",
	};
	const tab = () => new StateTab(fixture.origin, browser);
	const hydrated = tab();
	const [acting, beside] = [tab(), tab()];
	await Promise.all([acting.hydrate({ states: [] }), beside.hydrate({ states: [] })]);
	const call = async (from: StateTab, event: string): Promise<Answer> => {
		const { status, problem, value } = await from.send(`${name}.${event}`, undefined, {
			states: [],
		});
		if (status === 200) return value === "done" ? "open" : "no";
		expect(status).toBe(problem?.code === "login_required" ? 401 : 403);
		return problem?.code === "login_required" ? "login" : "no";
	};
	const [page, fetched, decided, act, background] = await Promise.all([
		exchange(url, "GET", { ...navigation, "sec-fetch-site": "none" }),
		exchange(url, "GET", { ...own, "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" }),
		tab().decide(`/p/${name}`),
		call(acting, "act"),
		call(beside, "background"),
		hydrated.hydrate({ states: [name] }),
	]);
	const byOutcome = { allow: "open", login: "login", forbidden: "no" } as const;
	const byStatus = (status: number): Answer =>
		status === 200 ? "open" : status === 403 ? "no" : "login";
	for (const { status, body } of [page, fetched]) {
		expect([200, 302, 401, 403]).toContain(status);
		expect(body.includes(MARKER)).toBe(status === 200);
		expect(body).not.toMatch(/hunter2|database/);
	}
	if (fetched.status === 401) expect(fetched.headers.get("www-authenticate")).not.toBeNull();
	if (fetched.status !== 200)
		expect(fetched.headers.get("content-type")).toBe("application/problem+json");
	const value = (key: string, real: string): Answer => {
		const isWithheld = hydrated.withheld.has(`${name}.${key}`);
		expect(hydrated.values[`${name}.${key}`]).toBe(
			isWithheld || key === "stored" ? "placeholder" : real,
		);
		return isWithheld ? "no" : "open";
	};
	return {
		"page by navigation": byStatus(page.status),
		"page by fetch": byStatus(fetched.status),
		"path decision": byOutcome[decided?.outcome ?? "forbidden"],
		event: act,
		"background event": background,
		field: value("stored", ""),
		computed: value("worked", "worked out"),
		"async computed": value("awaited", "fetched"),
	};
}

/**
 * Withheld values do not say why: for them a login that is missing and a check that says no look
 * the same.
 */
function row(answer: Answer): Record<string, Answer> {
	const value = answer === "open" ? "open" : "no";
	return {
		"page by navigation": answer,
		"page by fetch": answer,
		"path decision": answer,
		event: answer,
		"background event": answer,
		field: value,
		computed: value,
		"async computed": value,
	};
}

function expectRuns(name: string, answer: Answer, hasCheck: boolean, who: Who): void {
	const ranNames = [...runs].filter(([key]) => key.split(" ")[1] === name);
	const kinds = ranNames.map(([key]) => key).sort();
	const checks = kinds.filter((key) => key.startsWith("check"));
	const others = kinds.filter((key) => !key.startsWith("check"));
	// A check never runs for anonymous callers, and what is shut never runs for anybody.
	const asked =
		hasCheck && who !== "anonymous"
			? ["event", "page", "value"].map((kind) => `check ${name} ${kind}`)
			: [];
	expect(checks).toEqual(asked);
	expect(others).toEqual(
		answer === "open"
			? [`async ${name}`, `computed ${name}`, `dependencies ${name}`, `event ${name}`]
			: [],
	);
	if (answer === "open") expect(runs.get(`event ${name}`)).toBe(2);
}

/** R113, R114, R115: each rule x surface x caller. */
describe("every rule on every surface", async () => {
	const fixture = await startGate({
		gate: (auth) =>
			gateWith(
				auth,
				Object.fromEntries(Object.entries(RULES).map(([name, { rule }]) => [name, rule])),
			),
	});
	const browsers: Record<Who, ScriptedBrowser> = {
		anonymous: new ScriptedBrowser(),
		ada: await signInAs(fixture, "ada"),
		vic: await signInAs(fixture, "vic"),
		una: await signInAs(fixture, "una"),
	};
	const cells = Object.keys(browsers).flatMap((who) =>
		Object.keys(RULES).map((name) => [name, who as Who] as const),
	);

	test.each(cells)("%s, asked by %s", async (name, who) => {
		const { rule, lets } = RULES[name] as (typeof RULES)[string];
		const answer = expected(lets, who);
		fixture.log.length = 0;
		runs.clear();
		expect(await answers(fixture, name, browsers[who])).toEqual(row(answer));
		expectRuns(name, answer, typeof rule === "function", who);
		const hasAnswer =
			["no", "laterNo", "nothing"].includes(name) || (name === "group" && who !== "una");
		const complaints = fixture.log.filter(
			({ level, code }) => level === "error" && code === "forbidden",
		);
		// A check without a usable answer is the operator's business, a no or a missing login is not.
		expect(complaints.length > 0).toBe(answer === "no" && !hasAnswer);
		if (who === "una" && name === "group")
			expect(new Set(complaints.map(({ reason }) => reason))).toEqual(new Set(["claim_missing"]));
	});
});

/** What has no `auth` follows the default; what has one does not. */
describe.each([
	["a check", saying("untagged", (context) => isOwner(context)), "ada"],
	["false", false, "all"],
	["true", true, "signedIn"],
	["a check that throws", RULES.throws?.rule, "none"],
] as const)("the default is %s", async (_, auth, lets) => {
	const fixture = await startGate({
		auth: { auth: auth as Rule<AuthContext> },
		gate: (auth) =>
			gateWith(auth, { untagged: undefined, login: true, open: false, no: RULES.no?.rule }),
	});
	const browsers = {
		anonymous: new ScriptedBrowser(),
		ada: await signInAs(fixture, "ada"),
		vic: await signInAs(fixture, "vic"),
	};
	test.each(["anonymous", "ada", "vic"] as const)("%s", async (who) => {
		const answer = (name: string) => answers(fixture, name, browsers[who]);
		expect(await answer("untagged")).toEqual(row(expected(lets, who)));
		expect(await answer("login")).toEqual(row(expected("signedIn", who)));
		expect(await answer("open")).toEqual(row("open"));
		expect(await answer("no")).toEqual(row(expected("none", who)));
	});
});
