import { randomUUID } from "node:crypto";
import {
	type LogoutTokenFault,
	listFaults,
	type OneOrMore,
	override,
} from "./faulty-idp-faults.ts";
import { compact, hmac, withChangedClaims } from "./faulty-idp-jws.ts";
import type { SigningKey } from "./faulty-idp-keys.ts";
import { type FaultyIdpState, nowOf } from "./faulty-idp-state.ts";
import { tenantIssuer } from "./faulty-idp-tenants.ts";

/** What a logout token says, and what is wrong with it. */
export interface LogoutTokenOptions {
	/** Whose sessions end. Default: the person of the last login, unless `sid` is set. */
	readonly sub?: string;
	/** Which session at the provider ends. Default: that of the last login, unless `sub` is set. */
	readonly sid?: string;
	/** Default: none, the token is good. */
	readonly faults?: OneOrMore<LogoutTokenFault>;
	/** Claims, replaced or (undefined) removed before it is signed. */
	readonly claims?: Readonly<Record<string, unknown>>;
	/** Members of the header, replaced or (undefined) removed before it is signed. */
	readonly header?: Readonly<Record<string, unknown>>;
}

/**
 * Makes a logout token (OpenID Connect Back-Channel Logout 1.0 section 2.4): a correct one, or one
 * with faults.
 */
export async function makeLogoutToken(
	state: FaultyIdpState,
	options: LogoutTokenOptions,
): Promise<string> {
	const faults = listFaults(options.faults);
	const draft = draftOf(state, options);
	const rogue = await state.keys.rogue();
	for (const fault of faults) logoutTokenFaults[fault](draft, rogue);
	override(draft.claims, options.claims);
	override(draft.header, options.header);
	const token = compact(draft);
	return faults.includes("signature-tampered")
		? withChangedClaims(token, { sub: "somebody-else" })
		: token;
}

/** How a logout token is sent. */
export interface SendLogoutOptions extends LogoutTokenOptions {
	/** The token. Default: a new one. Send one twice, and the second time is a replay. */
	readonly token?: string;
	/** What it is sent with, such as `(request) => gate.handle(request, app)`. Default: `fetch`. */
	readonly send?: (request: Request) => Response | Promise<Response>;
}

/**
 * Sends a logout token as providers do: a form, from server to server (OpenID Connect Back-Channel
 * Logout 1.0 section 2.5).
 */
export async function sendLogoutToken(
	state: FaultyIdpState,
	uri: string,
	{ token, send = fetch, ...options }: SendLogoutOptions,
): Promise<Response> {
	const logoutToken = token ?? (await makeLogoutToken(state, options));
	return send(
		new Request(uri, { method: "POST", body: new URLSearchParams({ logout_token: logoutToken }) }),
	);
}

interface Draft {
	readonly header: Record<string, unknown>;
	readonly claims: Record<string, unknown>;
	sign(input: string): string;
	readonly clientSecret: string;
}

function draftOf(state: FaultyIdpState, { sub, sid }: LogoutTokenOptions): Draft {
	const key = state.keys.published[0] as SigningKey;
	const login = state.logins.at(-1);
	const isNamed = sub !== undefined || sid !== undefined;
	const [client] = state.clients.values();
	const clientId = login?.clientId ?? client?.clientId ?? "";
	const now = nowOf(state);
	const claims: Record<string, unknown> = {
		iss: tenantIssuer(state.issuer, state.tenant),
		aud: clientId,
		iat: now,
		exp: now + 120,
		jti: randomUUID(),
		events: { [logoutEvent]: {} },
	};
	override(
		claims,
		isNamed ? { sub, sid } : { sub: login?.person.sub ?? state.person.sub, sid: login?.sid },
	);
	return {
		header: { alg: key.alg, kid: key.kid, typ: "logout+jwt" },
		claims,
		sign: key.sign,
		clientSecret: state.clients.get(clientId)?.clientSecret ?? "",
	};
}

const logoutEvent = "http://schemas.openid.net/event/backchannel-logout";
/** Seconds. */
const hour = 3600;

type Change = (draft: Draft, rogue: SigningKey) => void;

function header(changes: Readonly<Record<string, unknown>>): Change {
	return (draft) => override(draft.header, changes);
}

function claims(changes: Readonly<Record<string, unknown>>): Change {
	return (draft) => override(draft.claims, changes);
}

function later(names: readonly string[], seconds: number): Change {
	return (draft) => {
		for (const name of names) draft.claims[name] = Number(draft.claims[name]) + seconds;
	};
}

const logoutTokenFaults: Readonly<Record<LogoutTokenFault, Change>> = {
	"alg-none"(draft) {
		override(draft.header, { alg: "none", kid: undefined });
		draft.sign = () => "";
	},
	"alg-hs256-client-secret"(draft) {
		override(draft.header, { alg: "HS256", kid: undefined });
		draft.sign = hmac(draft.clientSecret);
	},
	"signature-rogue-key"(draft, rogue) {
		draft.sign = rogue.sign;
	},
	"kid-unknown"(draft, rogue) {
		draft.header.kid = rogue.kid;
		draft.sign = rogue.sign;
	},
	// On the finished token.
	"signature-tampered": () => {},
	"typ-jwt": header({ typ: "JWT" }),
	"typ-missing": header({ typ: undefined }),
	"iss-wrong": claims({ iss: "https://another-issuer.invalid" }),
	"aud-wrong": claims({ aud: "another-client" }),
	"events-missing": claims({ events: undefined }),
	"events-wrong": claims({ events: { "http://schemas.openid.net/event/other": {} } }),
	"nonce-present": claims({ nonce: "a-nonce" }),
	nobody: claims({ sub: undefined, sid: undefined }),
	"jti-missing": claims({ jti: undefined }),
	"iat-missing": claims({ iat: undefined }),
	"iat-old": later(["iat"], -hour),
	"iat-future": later(["iat", "exp"], hour),
	"exp-missing": claims({ exp: undefined }),
	"exp-past": later(["iat", "exp"], -hour),
};

/** Every fault of a logout token, for tests that go through them all. */
export const logoutTokenFaultNames: readonly LogoutTokenFault[] = Object.keys(
	logoutTokenFaults,
) as LogoutTokenFault[];
