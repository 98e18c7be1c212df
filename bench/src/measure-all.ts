import { createServer } from "node:net";
import { type CookieBytes, countCookieBytes } from "./cookie-bytes.ts";
import { type FirstSight, measureFirstSight } from "./first-sight.ts";
import { type ImportTime, measureImport } from "./import-time.ts";
import { startLoad, startServer } from "./processes.ts";
import { type LoginCost, measureLogins, type SignedIn, signIn } from "./sign-in.ts";
import { measureState, type StateResults } from "./state-measure-all.ts";
import { type Comparison, compare } from "./throughput.ts";

/** How long to measure. */
export interface Extent {
	/** Pairs of each comparison, and seconds of one run. */
	readonly rounds: number;
	readonly seconds: number;
}

export interface Results {
	/** Against the same route in an app without Portcullis, the same cookies. */
	readonly guarded: Comparison;
	/** Against the `auth: false` route of the same app, the same cookies. */
	readonly guardedToPublic: Comparison;
	/** A middleware that does nothing, against none: what Hono itself takes for any guard. */
	readonly emptyMiddleware: Comparison;
	/** Against that middleware: what the guard itself takes. */
	readonly guardedToMiddleware: Comparison;
	/**
	 * Anonymous navigations (302) and fetches (401), against the `auth: false` route of the same app.
	 */
	readonly navigationToPublic: Comparison;
	readonly fetchToPublic: Comparison;
	/** The same against the route without Portcullis. */
	readonly anonymousNavigation: Comparison;
	readonly anonymousFetch: Comparison;
	readonly firstSight: FirstSight;
	readonly logins: LoginCost;
	readonly importTime: ImportTime;
	readonly cookies: CookieBytes;
}

const NAVIGATION = {
	accept: "text/html,application/xhtml+xml",
	"sec-fetch-mode": "navigate",
	"sec-fetch-dest": "document",
	"sec-fetch-site": "none",
};
const FETCH = {
	accept: "*/*",
	"sec-fetch-mode": "cors",
	"sec-fetch-dest": "empty",
	"sec-fetch-site": "same-origin",
};

/** Takes the measurements of server state. */
export async function measureServerState(
	extent: Extent,
	note: (line: string) => void,
): Promise<StateResults> {
	const person = await signIn();
	return measureState(await productionEnv(person), person.cookies, extent, note);
}

/** Takes every other measurement, one after the other. */
export async function measureAll(extent: Extent, note: (line: string) => void): Promise<Results> {
	note("imports");
	const importTime = measureImport(15);
	note("logins");
	const logins = await measureLogins(16);
	const person = await signIn();
	const env = await productionEnv(person);
	const elsewhere = { ...env, PORT: "0" };
	const [plain, middleware, gate] = await Promise.all([
		startServer("plain", elsewhere),
		startServer("middleware", elsewhere),
		startServer("gate", env),
	]);
	const load = startLoad();

	const signedIn = { ...FETCH, cookie: person.cookies };
	const between = async (
		what: string,
		base: Parameters<typeof compare>[1],
		other: Parameters<typeof compare>[2],
	) => {
		note(what);
		return compare(load, base, other, extent);
	};
	const unguarded = { server: plain, path: "/notes", headers: signedIn };
	const guarded = { server: gate, path: "/notes", headers: signedIn };
	const open = { server: gate, path: "/public", headers: signedIn };
	const belowMiddleware = { server: middleware, path: "/notes", headers: signedIn };
	const results = {
		guarded: await between("guarded and unguarded", unguarded, guarded),
		guardedToPublic: await between("guarded and public", open, guarded),
		emptyMiddleware: await between("an empty middleware and none", unguarded, belowMiddleware),
		guardedToMiddleware: await between("guarded and an empty middleware", belowMiddleware, guarded),
		navigationToPublic: await between(
			"anonymous navigations and public",
			{ ...open, headers: NAVIGATION },
			{ ...guarded, headers: NAVIGATION, expectedStatus: 302 },
		),
		fetchToPublic: await between(
			"anonymous fetches and public",
			{ ...open, headers: FETCH },
			{ ...guarded, headers: FETCH, expectedStatus: 401 },
		),
		anonymousNavigation: await between(
			"anonymous navigations",
			{ ...unguarded, headers: NAVIGATION },
			{ ...guarded, headers: NAVIGATION, expectedStatus: 302 },
		),
		anonymousFetch: await between(
			"anonymous fetches",
			{ ...unguarded, headers: FETCH },
			{ ...guarded, headers: FETCH, expectedStatus: 401 },
		),
	};
	for (const server of [plain, middleware, gate]) server.stop();
	note("10,000 people");
	const firstSight = await measureFirstSight(load, elsewhere, extent.rounds);
	load.stop();
	return {
		...results,
		firstSight,
		logins,
		importTime,
		cookies: countCookieBytes(person.cookies, person.tokens),
	};
}

/** Of a server in production, on a port that its origin names. */
async function productionEnv(
	person: SignedIn,
): Promise<Record<string, string> & { readonly PORT: string }> {
	const port = String(await freePort());
	return {
		...person.env,
		PORT: port,
		PORTCULLIS_ORIGIN: `http://127.0.0.1:${port}`,
		NODE_ENV: "production",
	};
}

async function freePort(): Promise<number> {
	const { promise, resolve } = Promise.withResolvers<number>();
	const server = createServer().listen(0, "127.0.0.1", () =>
		resolve((server.address() as { port: number }).port),
	);
	const port = await promise;
	await new Promise((done) => server.close(done));
	return port;
}
