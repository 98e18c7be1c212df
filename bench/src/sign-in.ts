import { randomBytes } from "node:crypto";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { portcullis } from "portcullis";
import { protect } from "portcullis/hono";
import { startDevIdp, startFaultyIdp } from "portcullis/testing";
import { ScriptedBrowser } from "../../packages/portcullis/test/support/scripted-browser.ts";
import { handOutRealisticTokens, type IssuedTokens } from "./tokens.ts";

/** A person who is signed in, as the browser has it. */
export interface SignedIn {
	/** The `Cookie` header. */
	readonly cookies: string;
	readonly tokens: IssuedTokens;
	/** What a server needs to open them. */
	readonly env: Record<string, string>;
}

/** Signs in with tokens of realistic size, by a complete login against an identity provider. */
export async function signIn(): Promise<SignedIn> {
	const idp = await startFaultyIdp({ accessTokenLifetime: 86_400 });
	const tokens = handOutRealisticTokens(idp);
	const env = { ...idp.env, PORTCULLIS_SECRET: randomBytes(32).toString("base64url") };
	const app = await startApp(env);
	const browser = new ScriptedBrowser();
	const page = await browser.navigate(`${app.origin}/login/generic?redirect_to=/`);
	if (page.body !== "signed in")
		throw new Error(`The login ended with ${page.status} at ${page.url}`);
	const cookies = browser.cookieHeader(`${app.origin}/`);
	await app.stop();
	await idp.close();
	return { cookies, tokens, env };
}

/** What a login takes. */
export interface LoginCost {
	/** Requests of the browser to the app and to the identity provider. */
	readonly app: number;
	readonly idp: number;
	/**
	 * Calls of the app to the identity provider: of the first login of a process, which fetches
	 * metadata and keys, and of later ones.
	 */
	readonly firstBackChannel: number;
	readonly backChannel: number;
	/**
	 * Milliseconds from the guarded page to the guarded page, of the first login and the median of
	 * later ones.
	 */
	readonly first: number;
	readonly later: readonly number[];
}

/**
 * Goes through complete logins with the embedded identity provider: guarded page, login page,
 * start, provider, callback, guarded page.
 */
export async function measureLogins(count: number): Promise<LoginCost> {
	const idp = await startDevIdp({ host: "127.0.0.1" });
	const calls: string[] = [];
	const app = await startApp(idp.env, (input, init) => {
		calls.push(String(input instanceof Request ? input.url : input));
		return fetch(input, init);
	});
	const times: number[] = [];
	const backChannel: number[] = [];
	let trail: string[] = [];
	for (let i = 0; i < count; i++) {
		calls.length = 0;
		const started = performance.now();
		trail = await login(app.origin);
		times.push(performance.now() - started);
		backChannel.push(calls.length);
	}
	await app.stop();
	await idp.close();
	const [first = 0, ...later] = times;
	return {
		app: trail.filter((line) => line.includes(app.origin)).length,
		idp: trail.filter((line) => line.includes(idp.issuer)).length,
		firstBackChannel: backChannel[0] ?? 0,
		backChannel: backChannel.at(-1) ?? 0,
		first,
		later,
	};
}

/** One login in a browser without cookies. Returns every request that the browser made. */
async function login(origin: string): Promise<string[]> {
	const browser = new ScriptedBrowser();
	const trail: string[] = [];
	const loginPage = await browser.navigate(`${origin}/`);
	trail.push(...browser.trail);
	const button = /href="(\/login\/[^"]+)"/.exec(loginPage.body)?.[1] ?? "";
	const people = await browser.click(button.replaceAll("&amp;", "&"));
	trail.push(...browser.trail);
	const person = /<button[^>]*name="person" value="([^"]+)"/.exec(people.body)?.[1] ?? "";
	const page = await browser.submit(people, { person });
	trail.push(...browser.trail);
	if (page.body !== "signed in")
		throw new Error(`The login ended with ${page.status} at ${page.url}`);
	return trail;
}

async function startApp(
	env: Record<string, string>,
	backChannel: typeof fetch = fetch,
): Promise<{ origin: string; stop: () => Promise<unknown> }> {
	const gate = portcullis({
		extraScopes: ["offline_access", "groups"],
		platform: { env, fetch: backChannel },
	}).gate();
	const app = protect(new Hono(), gate);
	app.get("/", (c) => c.text("signed in"));
	const { promise, resolve } = Promise.withResolvers<number>();
	const server = serve({ fetch: app.fetch, port: 0, hostname: "localhost" }, (info) =>
		resolve(info.port),
	);
	const port = await promise;
	return {
		origin: `http://localhost:${port}`,
		stop: () => new Promise((done) => server.close(done)),
	};
}
