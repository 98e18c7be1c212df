import { monitorEventLoopDelay } from "node:perf_hooks";
import { isPortcullisError } from "../../src/base/errors.ts";
import { type Gate, type LogEntry, Provider, portcullis } from "../../src/index.ts";
import { type ChaoticIdp, startChaoticIdp } from "./chaotic-idp.ts";
import { installStorage, type ScriptedTab, TabbedBrowser } from "./scripted-tab.ts";
import { type SharedClock, takeClock } from "./shared-clock.ts";

/** How much chaos. */
export interface ChaosOptions {
	readonly sessions: number;
	/** Requests of each session at once, after each expiry. */
	readonly requests: number;
	/** Tabs of each session that send them. */
	readonly tabs: number;
	readonly expiries: number;
	readonly replicas: number;
	/**
	 * Longest answer of the token endpoint to a refresh. Milliseconds; any time up to it is as
	 * likely.
	 */
	readonly latency: number;
	/**
	 * Sessions that an expiry reaches at the same time. All of this is one process: with too many
	 * they would only wait for each other.
	 */
	readonly atOnce: number;
	/** Share of refreshes that the token endpoint answers with 503. */
	readonly failures: number;
	/** Share of expiries at which the tab that refreshes is closed before the answer. */
	readonly closings: number;
	/** False keeps the two apart: only after both does a browser wait 15 seconds. */
	readonly both: boolean;
	/** Told after each expiry. */
	readonly progress?: (expiry: number) => void;
}

/** What came of it. */
export interface ChaosSummary {
	readonly requests: number;
	readonly expiries: number;
	/** Refresh grants that brought tokens; to be sessions times expiries. */
	readonly grants: number;
	readonly failures: number;
	readonly closings: number;
	/**
	 * Refreshes that a gate gave up though the provider answered within `latency`: this machine was
	 * too busy for so many sessions.
	 */
	readonly givenUp: number;
	/**
	 * How long nothing at all ran in this process, at worst. A browser waits 15 seconds for a
	 * refresh: what is left of them beside `latency`. Seconds.
	 */
	readonly longestStall: number;
	/**
	 * Everything that must not have been: sessions lost, tokens spent twice, answers for somebody
	 * else.
	 */
	readonly problems: readonly string[];
	readonly seconds: number;
}

const ORIGIN = "http://localhost:8080";
const SECRET = "q0Zk3vT8xLr1Yb6Nw9Hd4Js7Mf2Pg5Ac";
/** Seconds. */
const LIFETIME = 3600;
/** When the client tries again after a refresh that came to nothing: 5 to 7 seconds. */
const RETRY = 7;

class Generic extends Provider {
	readonly name = "generic";
}

/**
 * Sessions with many tabs on replicas that share nothing but a secret, through expiry after expiry.
 */
export async function runScriptedChaos(options: ChaosOptions): Promise<ChaosSummary> {
	const clock = takeClock();
	installStorage();
	try {
		return await run(options, clock);
	} finally {
		clock.restore();
		Reflect.deleteProperty(globalThis, "localStorage");
	}
}

async function run(options: ChaosOptions, clock: SharedClock): Promise<ChaosSummary> {
	const begun = performance.now();
	const chaos = await startChaoticIdp(LIFETIME);
	const stalls = monitorEventLoopDelay({ resolution: 20 });
	stalls.enable();
	let givenUp = 0;
	const replicas = Array.from({ length: options.replicas }, () =>
		startReplica(chaos, ({ cause }) => {
			if (isPortcullisError(cause) && cause.reason === "timeout") givenUp++;
		}),
	);
	// Round robin from anywhere: no session stays with one of them.
	const server = (request: Request) => {
		const replica = replicas[Math.floor(Math.random() * replicas.length)];
		if (!replica) throw new RangeError("No replica");
		return replica.handle(request, (_request, user) => new Response(user?.sub ?? "nobody"));
	};
	const problems: string[] = [];
	const people: Person[] = [];
	for (let i = 0; i < options.sessions; i++) {
		const sub = `person-${i}`;
		chaos.become(sub);
		people.push({ sub, browser: await signIn(new TabbedBrowser(ORIGIN, server), chaos) });
	}

	let sent = 0;
	let closed = 0;
	for (let expiry = 1; expiry <= options.expiries; expiry++) {
		clock.forward(LIFETIME);
		const fates = new Map(people.map(({ sub }) => [sub, drawFate(options)]));
		const firsts = new Set<string>();
		chaos.onRefresh = (sub) => {
			const fails = fates.get(sub)?.fails === true && !firsts.has(sub);
			firsts.add(sub);
			return { delay: Math.random() * options.latency, fails };
		};
		await inTurns(people, options, async (person) => {
			const tabs = Array.from({ length: options.tabs }, () => person.browser.openTab());
			if (fates.get(person.sub)?.closes) closeOneOf(tabs, () => closed++);
			const requests = Array.from({ length: options.requests }, (_, i) =>
				(tabs[i % tabs.length] as ScriptedTab).send("/api"),
			);
			sent += requests.length;
			for (const response of await Promise.all(requests)) await check(person, response);
		});
		// Those that are signed in for as long as the provider is down; their tabs try again, and one
		// is open that has closed before.
		for (let tries = 0; tries < 20; tries++) {
			const late = people.filter(({ sub }) => (chaos.tallies.get(sub)?.grants ?? 0) < expiry);
			if (late.length === 0) break;
			clock.forward(RETRY);
			await Promise.all(late.map(({ browser }) => browser.openTab().renew()));
		}
		for (const { sub } of people) {
			const grants = chaos.tallies.get(sub)?.grants ?? 0;
			if (grants !== expiry) problems.push(`${sub}: ${grants} grants after ${expiry} expiries`);
		}
		// Whatever a replica still remembers of the last refreshes is to be forgotten by the next one.
		clock.forward(RETRY);
		for (const person of people) await check(person, await person.browser.openTab().send("/api"));
		options.progress?.(expiry);
		// What is lost stays lost, and would only be told again.
		if (problems.length > 0) break;
	}
	stalls.disable();
	problems.unshift(...chaos.alarms.map((alarm) => `reuse alarm for ${alarm}`));
	const tallies = [...chaos.tallies.values()];
	return {
		requests: sent,
		expiries: options.expiries,
		grants: tallies.reduce((sum, { grants }) => sum + grants, 0),
		failures: tallies.reduce((sum, { failures }) => sum + failures, 0),
		closings: closed,
		givenUp,
		longestStall: stalls.max / 1e9,
		problems,
		seconds: (performance.now() - begun) / 1000,
	};

	async function check({ sub }: Person, response: Response | undefined): Promise<void> {
		// Of a tab that has closed: nobody sees it.
		if (!response) return;
		const body = await response.text();
		if (response.status !== 200)
			problems.push(`${sub}: session lost, ${response.status} ${body.slice(0, 200)}`);
		else if (body !== sub) problems.push(`${sub}: answer for ${body}`);
	}
}

interface Person {
	readonly sub: string;
	readonly browser: TabbedBrowser;
}

/** Acts for everybody, for so many at once. They begin one after the other. */
async function inTurns<T>(
	all: readonly T[],
	{ atOnce, latency }: ChaosOptions,
	act: (one: T) => Promise<void>,
): Promise<void> {
	const waiting = all.values();
	const work = async () => {
		await pause(Math.random() * latency);
		for (const one of waiting) await act(one);
	};
	await Promise.all(Array.from({ length: atOnce }, work));
}

function pause(milliseconds: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function drawFate({ failures, closings, both }: ChaosOptions): { fails: boolean; closes: boolean } {
	const fails = Math.random() < failures;
	return { fails, closes: (both || !fails) && Math.random() < closings };
}

/** Closes whichever tab is the first to send a refresh. */
function closeOneOf(tabs: readonly ScriptedTab[], done: () => void): void {
	for (const tab of tabs) {
		tab.onRefresh = () => {
			for (const other of tabs) other.onRefresh = undefined;
			done();
			tab.close();
		};
	}
}

function startReplica({ idp, fetch }: ChaoticIdp, log: (entry: LogEntry) => void): Gate {
	const auth = portcullis({
		secret: SECRET,
		extraScopes: ["offline_access"],
		providers: [Generic],
		platform: { env: idp.env, log, fetch, now: () => Date.now() },
	});
	return auth.gate();
}

/** Signs in at the provider, through the redirects in between. */
async function signIn(browser: TabbedBrowser, { idp }: ChaoticIdp): Promise<TabbedBrowser> {
	const start = await browser.fetch("/login/generic", NAVIGATION);
	const answer = await idp.fetch(start.headers.get("location") ?? "", { redirect: "manual" });
	const callback = new URL(answer.headers.get("location") ?? "");
	const page = await browser.fetch(callback.pathname + callback.search, NAVIGATION);
	if (page.status !== 200) throw new Error(`The login was answered with ${page.status}`);
	return browser;
}

const NAVIGATION = {
	headers: {
		"sec-fetch-mode": "navigate",
		"sec-fetch-dest": "document",
		"sec-fetch-site": "same-origin",
	},
};
