import { type Auth, ConfigError, type GateOptions, portcullis } from "../../src/index.ts";
import { redis } from "../../src/redis.ts";
import { memory } from "../../src/state.ts";
import type { Faults } from "../../src/testing/faulty-idp-faults.ts";
import {
	allCookies,
	type GateFixture,
	type GateFixtureOptions,
	type Person,
	SECRET,
	startGate,
} from "../support/gate-fixture.ts";
import { logoutToken, sendLogout } from "../support/logout-token.ts";
import { type Answer, exchange, ScriptedBrowser } from "../support/scripted-browser.ts";
import { signOut } from "../support/state-people.ts";
import { StateTab } from "../support/state-tab.ts";
import { listenFetch } from "../support/web-server.ts";

/** What an operator and a person get to see of a symptom. */
export interface Seen {
	/** Of all gates that took part. */
	readonly fixtures: readonly GateFixture[];
	/** What is on the screen, or what else was looked at. */
	readonly shown: readonly string[];
}

const OTHER_SECRET = "Tz5Qm1Xc8Vb3Nk6Lw9Jh2Gf4Ds7Ap0Re";
/** A browser's own navigation. */
const NAVIGATION = {
	"sec-fetch-mode": "navigate",
	"sec-fetch-dest": "document",
	"sec-fetch-site": "none",
};

/** Brings about each symptom of the tables in docs/deployment.md, by its first cell. */
export const symptoms: Readonly<Record<string, () => Promise<Seen>>> = {
	"The provider refuses the redirect URI at once": async () => {
		const fixture = await startGate({ auth: { origin: "https://app.example.com" } });
		const browser = new ScriptedBrowser();
		const started = await browser.navigate(`${fixture.origin}/login/generic`, { follow: false });
		const page = await browser.navigate(started.headers.get("location") ?? "");
		return { fixtures: [fixture], shown: [page.body, page.url] };
	},
	"The provider refuses the redirect URI later": () =>
		login({ tokenResponse: { error: "redirect_uri_mismatch", error_description: "Bad Request" } }),
	"The provider refuses the app": () => login({ token: "invalid-client" }),
	"The login goes round in circles": async () => {
		const fixture = await startGate();
		const { browser } = await signedIn(fixture);
		const sessionHint = [...browser.jar].find(([name]) => name.endsWith("-on"));
		const page = await arriveAgain(fixture, `${sessionHint?.[0]}=1`);
		return { fixtures: [fixture], shown: [page.body] };
	},
	"The browser loses cookies": async () => {
		const fixture = await startGate();
		const browser = new ScriptedBrowser();
		await browser.navigate(`${fixture.origin}/private`);
		// Begun again once, before it is said.
		for (const href of ["/login/generic", "/login/generic?restarted=1"]) {
			const started = await browser.click(href, { follow: false });
			browser.jar.clear();
			const page = await browser.click(started.headers.get("location") ?? "");
			if (page.status === 400) return { fixtures: [fixture], shown: [page.body] };
		}
		return { fixtures: [fixture], shown: [] };
	},
	"The app does not start": async () => {
		let message = "";
		try {
			portcullis({
				platform: { env: { NODE_ENV: "production", OIDC_CLIENT_ID: "app" }, log: () => {} },
			}).gate();
		} catch (error) {
			if (error instanceof ConfigError) message = error.message;
		}
		return { fixtures: [], shown: [message] };
	},
	"A login has too much data": () =>
		login({
			discovery: "no-userinfo",
			tokenResponse: { access_token: "x".repeat(9000) },
			idTokenClaims: { at_hash: undefined },
		}),
	"Requests get 431, or 400": async () => {
		const fixture = await startGate();
		const { browser } = await signedIn(fixture);
		const own = allCookies(browser);
		const ask = async (cookie: string) =>
			(await exchange(`${fixture.origin}/private`, "GET", { cookie })).status;
		// Node takes 16 KiB.
		const statuses = [await ask(own), await ask(`${own}; of-the-app=${"x".repeat(16_384)}`)];
		return { fixtures: [fixture], shown: [statuses.join(" ")] };
	},
	"The clocks differ": () => login({ clockSkew: 300 }),
	"Plain http, a proxy says https": async () => {
		const fixture = await startGate();
		const page = await start(fixture, { host: "app.example.com", "x-forwarded-proto": "https" });
		return { fixtures: [fixture], shown: [page.body] };
	},
	"Plain http, no header says https": async () => {
		const fixture = await startGate();
		const page = await start(fixture, { host: "app.example.com" });
		return { fixtures: [fixture], shown: [page.body] };
	},
	"The host name is not pinned": async () => {
		const fixture = await startGate({
			auth: { origin: "https://app.example.com, https://www.example.com" },
		});
		const page = await start(fixture, { host: "app.internal:8080" });
		return { fixtures: [fixture], shown: [page.body] };
	},
	"A trusted proxy sends a wrong `X-Forwarded-Proto`": async () => {
		const fixture = await startGate({ auth: { http: { trustProxy: true } } });
		const page = await start(fixture, { host: "app.example.com", "x-forwarded-proto": "wss" });
		return { fixtures: [fixture], shown: [page.body] };
	},
	"Forms and events are refused, pages work": async () => {
		const fixture = await startGate({ gate: states, app: () => new Response("saved") });
		const { tab } = await signedIn(fixture);
		// The proxy has put another host in its place.
		const sent = await tab.post(
			"hydrate",
			{},
			{ headers: tab.headers({ Origin: "https://app.example.com" }) },
		);
		return { fixtures: [fixture], shown: [await sent.text()] };
	},
	"The issuer's slash is wrong": () => login({ discovery: "issuer-trailing-slash" }),
	"Back-channel logout gets 400": async () => {
		const fixture = await startGate({ auth: { store: memory() } });
		const token = logoutToken(fixture, { claims: { sub: "ada" }, header: { typ: "JWT" } });
		const response = await sendLogout(fixture.origin, token);
		return { fixtures: [fixture], shown: [`${response.status} ${await response.text()}`] };
	},
	"Back-channel logout gets 404": async () => {
		const fixture = await startGate();
		const response = await sendLogout(
			fixture.origin,
			logoutToken(fixture, { claims: { sub: "ada" } }),
		);
		return { fixtures: [fixture], shown: [`${response.status} ${await response.text()}`] };
	},
	"Every other login or request fails": async () => {
		const { fixture, replica, serve, origin } = await twoReplicas();
		const browser = new ScriptedBrowser();
		const shown: string[] = [];
		for (const attempt of [1, 2]) {
			serve(0);
			await browser.navigate(`${origin}/login${attempt === 2 ? "?restarted=1" : ""}`);
			const started = await browser.click(`/login/generic${attempt === 2 ? "?restarted=1" : ""}`, {
				follow: false,
			});
			serve(1);
			shown.push((await browser.click(started.headers.get("location") ?? "")).body);
		}
		return { fixtures: [fixture, replica], shown };
	},
	"Events fail for all people": async () => {
		const { fixture, replica, serve, origin } = await twoReplicas();
		const tab = new StateTab(origin);
		await tab.hydrate();
		serve(1);
		return { fixtures: [fixture, replica], shown: [(await tab.send("notes.add")).text] };
	},
	"An event fails once, after a logout": async () => {
		const fixture = await startGate({ gate: states });
		const { tab } = await signedIn(fixture);
		await tab.hydrate();
		await signOut(new StateTab(tab.origin, tab.browser));
		return { fixtures: [fixture], shown: [(await tab.send("notes.add")).text] };
	},
	"Server state is away": async () => {
		// Nothing listens there.
		const store = redis({ url: "redis://127.0.0.1:1", timeout: 0.2 });
		const fixture = await startGate({ auth: { store }, gate: (auth) => ({ ...states(auth) }) });
		const tab = new StateTab(fixture.origin);
		await tab.hydrate();
		const shown = [(await tab.send("notes.add")).text];
		await fixture.gate.close();
		return { fixtures: [fixture], shown };
	},
	"The provider cannot be reached": () => login({ transport: { discovery: "reset" } }),
};

/** A state with one event, open to everyone. */
function states(auth: Auth<Person>): GateOptions<Person> {
	class Notes extends auth.State {
		count = auth.field(0, { auth: false });
		add = auth.event({ auth: false }, () => ++this.count.value);
	}
	return { states: { notes: Notes } };
}

async function login(faults: Faults): Promise<Seen> {
	const fixture = await startGate();
	fixture.idp.faults = faults;
	return { fixtures: [fixture], shown: [(await fixture.signIn()).body] };
}

async function signedIn(
	fixture: GateFixture,
): Promise<{ browser: ScriptedBrowser; tab: StateTab }> {
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	return { browser, tab: new StateTab(fixture.origin, browser) };
}

/** Starts a login as a proxy would pass it on. */
function start(fixture: GateFixture, headers: Record<string, string>): Promise<Answer> {
	return exchange(`${fixture.origin}/login/generic`, "GET", { ...NAVIGATION, ...headers });
}

/** A navigation from another site that never gets its cookies, again and again. */
async function arriveAgain(fixture: GateFixture, sessionHint: string): Promise<Answer> {
	const headers = { ...NAVIGATION, "sec-fetch-site": "cross-site" };
	let redirects = "";
	for (;;) {
		const answer = await exchange(`${fixture.origin}/private`, "GET", {
			...headers,
			cookie: `${sessionHint}; ${redirects}`,
		});
		if (answer.status !== 200) return answer;
		redirects = answer.setCookies[0]?.split(";", 1)[0] ?? "";
	}
}

/** Two replicas behind one origin, whose secrets differ. */
async function twoReplicas() {
	const gates: GateFixture[] = [];
	let serving = 0;
	const { origin } = await listenFetch((request) =>
		(gates[serving] as GateFixture).gate.handle(request, () => new Response("the app")),
	);
	const fixture = await startGate({ gate: states, auth: { secret: SECRET, origin } });
	const { issuer, clientId, clientSecret = "" } = fixture.idp;
	const env = {
		GENERIC_ISSUER_URI: issuer,
		GENERIC_CLIENT_ID: clientId,
		GENERIC_CLIENT_SECRET: clientSecret,
	};
	const options: GateFixtureOptions = {
		gate: states,
		auth: { secret: OTHER_SECRET, origin, platform: { env } },
	};
	const replica = await startGate(options);
	gates.push(fixture, replica);
	return {
		fixture,
		replica,
		origin,
		serve: (which: 0 | 1) => {
			serving = which;
		},
	};
}
