import {
	type Gate,
	type GateOptions,
	type LogEntry,
	type PortcullisOptions,
	portcullis,
	type User,
} from "../../src/index.ts";
import type { ProviderRef } from "../../src/provider.ts";
import { type FaultyIdp, startFaultyIdp } from "../../src/testing/faulty-idp.ts";
import type { Faults } from "../../src/testing/faulty-idp-faults.ts";
import { afterEachFile } from "../support/after-file.ts";
import { startHref } from "../support/gate-fixture.ts";
import { type Answer, ScriptedBrowser } from "../support/scripted-browser.ts";
import { listenFetch } from "../support/web-server.ts";

/**
 * Members of the metadata that are addresses, and where the faulty identity provider answers for
 * them.
 */
const ENDPOINTS = {
	authorization_endpoint: "authorize",
	token_endpoint: "token",
	jwks_uri: "jwks",
	userinfo_endpoint: "userinfo",
	end_session_endpoint: "end-session",
	revocation_endpoint: "revoke",
} as const;
type Endpoint = keyof typeof ENDPOINTS;

/**
 * What a provider's documentation says about its servers: enough to bend the faulty identity
 * provider until it looks like one of them.
 */
export interface ProviderShape {
	/** How an app names it. */
	readonly provider: () => ProviderRef;
	/** Its variables, without client id and secret. */
	readonly env: Readonly<Record<string, string>>;
	/** `OKTA`, for the variables of client id and secret. */
	readonly prefix: string;
	/** Its name, where that is not the prefix in small letters. */
	readonly name?: string;
	/** Where its metadata are. Tokens name it too, unless `claims` says otherwise. */
	readonly issuer: string;
	/** Its addresses; one that is `undefined` is not in the metadata. */
	readonly endpoints: Readonly<Record<Endpoint, string | undefined>>;
	/** Other members of the metadata; `undefined` leaves one out. */
	readonly metadata?: Readonly<Record<string, unknown>>;
	/** A request with any other scope is refused. */
	readonly scopes: readonly string[];
	/** Other names of scopes, by which its answers call them; it takes both. */
	readonly scopeNames?: Readonly<Record<string, string>>;
	/** What userinfo says. */
	readonly person: Readonly<Record<string, unknown>> & { readonly sub: string };
	/** What the ID token says besides. */
	readonly claims?: Readonly<Record<string, unknown>>;
	/** Members of the token response; `undefined` leaves one out. */
	readonly tokenResponse?: Readonly<Record<string, unknown>>;
	/** Parameters that the callback has without having been asked for. */
	readonly callback?: Readonly<Record<string, string>>;
	/**
	 * A logout of its own: its address, and the parameter that says where it returns to, without
	 * `state`.
	 */
	readonly ownLogout?: { readonly url: string; readonly returnTo: string };
	/** Whether it sends `iss` with the callback (RFC 9207). */
	readonly sendsIssuer: boolean;
	/** Which logins get a refresh token. Default: those with the scope `offline_access`. */
	readonly issuesRefreshToken?: (request: URLSearchParams) => boolean;
}

/** A running gate, with the shape behind it. */
export interface ShapedGate {
	readonly origin: string;
	readonly gate: Gate;
	readonly idp: FaultyIdp;
	readonly log: LogEntry[];
	/** Lets seconds pass, here and at the provider. */
	pass(seconds: number): void;
	/** Who asked for the last page. */
	user(): User | undefined;
	/** A browser that reaches the provider. */
	browser(): ScriptedBrowser;
	/** Signs in at `/private` and returns the page that comes last. */
	signIn(browser: ScriptedBrowser): Promise<Answer>;
	/** Renews the session as the script of a page does. */
	renew(browser: ScriptedBrowser): Promise<Answer>;
	/** Bends the provider on top of its shape. */
	bend(faults: Faults): void;
}

const running: FaultyIdp[] = [];

afterEachFile(async () => {
	await Promise.all(running.splice(0).map((idp) => idp.close()));
});

/** Starts a gate in front of an app, with a provider of that shape. Nothing leaves this machine. */
export async function startShape(
	shape: ProviderShape,
	options: { auth?: Omit<PortcullisOptions, "providers">; gate?: GateOptions } = {},
): Promise<ShapedGate> {
	const clientId = `client-of-${shape.prefix.toLowerCase()}`;
	const clientSecret = "secret-of-the-shape-h7Kq2Vx9Tz4Lm6";
	const idp = await startFaultyIdp({
		listen: false,
		issuer: shape.issuer,
		// A key on a curve is made in no time, an RSA key is not.
		algorithm: "ES256",
		clients: [{ clientId, clientSecret }],
		person: shape.person,
		...(shape.issuesRefreshToken ? { issuesRefreshToken: shape.issuesRefreshToken } : {}),
	});
	running.push(idp);
	const base = faultsOf(shape);
	idp.set(base);
	const server = serve(shape, idp);
	const log: LogEntry[] = [];
	let ahead = 0;
	let user: User | undefined;
	const auth = portcullis({
		...options.auth,
		providers: [shape.provider()],
		platform: {
			env: {
				...shape.env,
				[`${shape.prefix}_CLIENT_ID`]: clientId,
				[`${shape.prefix}_CLIENT_SECRET`]: clientSecret,
			},
			fetch: (input, init) => server(new Request(input, init)),
			log: (entry) => log.push(entry),
			now: () => Date.now() + ahead * 1000,
		},
	} as PortcullisOptions);
	const gate = auth.gate(options.gate as GateOptions);
	const { origin } = await listenFetch((request) =>
		gate.handle(request, (_, who) => {
			user = who;
			return new Response(`served by the app for ${who?.sub ?? "nobody"}`);
		}),
	);
	return {
		origin,
		gate,
		idp,
		log,
		pass(seconds) {
			ahead += seconds;
			idp.set({ clockSkew: ahead });
		},
		user: () => user,
		browser() {
			const browser = new ScriptedBrowser();
			for (const url of [shape.issuer, ...Object.values(shape.endpoints)])
				if (url !== undefined) browser.servers.set(new URL(url).origin, server);
			return browser;
		},
		async signIn(browser) {
			const page = await browser.navigate(`${origin}/private`);
			return browser.click(startHref(page, shape.name ?? shape.prefix.toLowerCase()));
		},
		renew: (browser) =>
			browser.send(`${origin}/_portcullis/refresh`, {
				method: "POST",
				initiator: origin,
				crossSite: false,
				headers: {
					"portcullis-request": "1",
					"content-type": "application/json",
					"sec-fetch-mode": "cors",
					"sec-fetch-dest": "empty",
				},
			}),
		bend(faults) {
			idp.faults = {
				clockSkew: ahead,
				...base,
				...faults,
				metadata: { ...base.metadata, ...faults.metadata },
				idTokenClaims: { ...base.idTokenClaims, ...faults.idTokenClaims },
				tokenResponse: { ...base.tokenResponse, ...faults.tokenResponse },
			};
		},
	};
}

function faultsOf({
	endpoints,
	metadata,
	claims,
	tokenResponse,
	sendsIssuer,
}: ProviderShape): Faults {
	return {
		metadata: {
			...endpoints,
			...metadata,
			...(sendsIssuer ? {} : { authorization_response_iss_parameter_supported: undefined }),
		},
		issParameter: sendsIssuer,
		...(claims ? { idTokenClaims: claims } : {}),
		...(tokenResponse ? { tokenResponse } : {}),
	};
}

/**
 * The servers of the shape: each address leads to the endpoint of the identity provider that stands
 * for it.
 */
function serve(shape: ProviderShape, idp: FaultyIdp): (request: Request) => Promise<Response> {
	const base = shape.issuer.replace(/\/$/, "");
	const routes = new Map([
		[`${base}/.well-known/openid-configuration`, ".well-known/openid-configuration"],
	]);
	for (const [member, path] of Object.entries(ENDPOINTS)) {
		const url = shape.endpoints[member as Endpoint];
		if (url !== undefined) routes.set(new URL(url).origin + new URL(url).pathname, path);
	}
	return async (request) => {
		const url = new URL(request.url);
		const { ownLogout } = shape;
		if (url.origin + url.pathname === ownLogout?.url)
			return redirectTo(url.searchParams.get(ownLogout.returnTo));
		const path = routes.get(url.origin + url.pathname);
		if (path === undefined) return new Response("Not found\n", { status: 404 });
		const unknown = path === "authorize" ? unknownScopes(shape, url.searchParams) : [];
		if (unknown.length > 0)
			return new Response(`invalid_scope: ${unknown.join(" ")}\n`, { status: 400 });
		const body =
			request.method === "GET" ? undefined : withShortScopes(shape, await request.text());
		const { method, headers, signal } = request;
		const response = await idp.fetch(`${base}/${path}${url.search}`, {
			method,
			headers,
			signal,
			redirect: "manual",
			...(body === undefined ? {} : { body }),
		});
		return path === "authorize" ? withUninvited(shape, response) : response;
	};
}

function redirectTo(location: string | null): Response {
	return location === null
		? new Response("invalid_request\n", { status: 400 })
		: new Response(null, { status: 302, headers: { location } });
}

function unknownScopes({ scopes }: ProviderShape, request: URLSearchParams): string[] {
	return (request.get("scope") ?? "").split(" ").filter((scope) => !scopes.includes(scope));
}

/** The faulty identity provider has one name for each scope. */
function withShortScopes({ scopeNames = {} }: ProviderShape, body: string): string {
	const form = new URLSearchParams(body);
	const scopes = form.get("scope")?.split(" ");
	if (scopes === undefined) return body;
	form.set("scope", scopes.map((scope) => scopeNames[scope] ?? scope).join(" "));
	return form.toString();
}

function withUninvited({ callback }: ProviderShape, response: Response): Response {
	const location = response.headers.get("location");
	if (location === null) return response;
	const url = new URL(location);
	for (const [name, value] of Object.entries(callback ?? {})) url.searchParams.set(name, value);
	return new Response(null, { status: response.status, headers: { location: url.href } });
}
