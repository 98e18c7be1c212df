import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import type { Generic } from "./providers/generic.ts";
import type { LoginTransaction, ProviderRuntime } from "./types.ts";

/** A moment to stand still at, in seconds since the epoch. */
export const NOW = 1_800_000_000;
export const ISSUER = "https://idp.example.com";
export const CLIENT_ID = "app";
export const REDIRECT_URI = "https://app.example.com/callback";

export interface SigningKey {
	readonly alg: string;
	readonly kid: string | undefined;
	readonly privateKey: CryptoKey;
	readonly publicJwk: JWK;
}

export interface SeenRequest {
	readonly url: string;
	readonly init: RequestInit;
}

/**
 * A provider behind an injected `fetch`: it signs for real, and each test bends one part of it. No
 * sockets.
 */
export class FakeIdp {
	seconds: number = NOW;
	issuer: string = ISSUER;
	metadata: Record<string, unknown>;
	keys: SigningKey[];
	/** Claims over the good ones; `undefined` leaves one out. */
	claims: Record<string, unknown> = {};
	header: Record<string, unknown> = {};
	tokenResponse: Record<string, unknown> = {};
	userinfo: Record<string, unknown> = { sub: "alice", email: "alice@example.com" };
	/** Answers by path; consulted before the good answer. */
	overrides: Record<string, (request: SeenRequest) => Response | Promise<Response>> = {};
	readonly requests: SeenRequest[] = [];
	#nonce = "";

	constructor(keys: SigningKey[], issuer: string = ISSUER) {
		this.issuer = issuer;
		this.keys = keys;
		const base = issuer.replace(/\/$/, "");
		this.metadata = {
			issuer,
			authorization_endpoint: `${base}/authorize`,
			token_endpoint: `${base}/token`,
			jwks_uri: `${base}/jwks`,
			userinfo_endpoint: `${base}/userinfo`,
			end_session_endpoint: `${base}/logout`,
			response_types_supported: ["code"],
			code_challenge_methods_supported: ["S256"],
			token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
		};
	}

	/** How often a path was asked for. */
	count(path: string): number {
		return this.requests.filter(({ url }) => new URL(url).pathname.endsWith(path)).length;
	}

	/** The only or the last request for a path. */
	last(path: string): SeenRequest {
		const seen = this.requests.findLast(({ url }) => new URL(url).pathname.endsWith(path));
		if (seen === undefined) throw new Error(`${path} was never asked for`);
		return seen;
	}

	readonly fetch: typeof fetch = async (input, init = {}) => {
		const url = String(input);
		this.requests.push({ url, init });
		const { pathname } = new URL(url);
		const name = pathname.slice(pathname.lastIndexOf("/"));
		const override = this.overrides[name];
		if (override !== undefined) return override({ url, init });
		switch (name) {
			case "/openid-configuration":
				return Response.json(this.metadata);
			case "/jwks":
				return Response.json({ keys: this.keys.map(({ publicJwk }) => publicJwk) });
			case "/token":
				return Response.json(await this.tokens());
			case "/userinfo":
				return Response.json(this.userinfo);
			default:
				return new Response("not found", { status: 404 });
		}
	};

	runtime(changes: Partial<ProviderRuntime> = {}): ProviderRuntime {
		return {
			env: {
				OIDC_ISSUER_URI: this.issuer,
				OIDC_CLIENT_ID: CLIENT_ID,
				OIDC_CLIENT_SECRET: "s3cret",
			},
			fetch: this.fetch,
			extraScopes: [],
			timeout: 5,
			clockTolerance: 60,
			now: () => this.seconds * 1000,
			...changes,
		};
	}

	/** Signs in on the provider's side: the code that it would hand out is tied to this attempt. */
	callback(
		tx: LoginTransaction,
		changes: Record<string, string | undefined> = {},
	): URLSearchParams {
		this.#nonce = tx.nonce;
		const params = { code: "the-code", state: tx.state, ...changes };
		return new URLSearchParams(
			Object.entries(params).filter((entry): entry is [string, string] => entry[1] !== undefined),
		);
	}

	async tokens(): Promise<Record<string, unknown>> {
		return {
			access_token: "the-access-token",
			token_type: "Bearer",
			expires_in: 600,
			id_token: await this.idToken(),
			...this.tokenResponse,
		};
	}

	async idToken(nonce: string = this.#nonce): Promise<string> {
		const [key] = this.keys;
		if (key === undefined) throw new Error("no key");
		return signIdToken(
			key,
			{ ...goodClaims(nonce, this.seconds, this.issuer), ...this.claims },
			this.header,
		);
	}
}

/** Claims that pass, issued this second. */
export function goodClaims(
	nonce: string,
	seconds: number = NOW,
	issuer: string = ISSUER,
): Record<string, unknown> {
	return { iss: issuer, sub: "alice", aud: CLIENT_ID, exp: seconds + 300, iat: seconds, nonce };
}

/** Signs; members that are `undefined` are left out. */
export function signIdToken(
	key: SigningKey,
	claims: Record<string, unknown>,
	header: Record<string, unknown> = {},
): Promise<string> {
	const protectedHeader = { alg: key.alg, kid: key.kid, ...header };
	return new SignJWT(JSON.parse(JSON.stringify(claims)))
		.setProtectedHeader(JSON.parse(JSON.stringify(protectedHeader)))
		.sign(key.privateKey);
}

export async function createSigningKey(
	alg: string,
	kid: string | undefined,
	jwk: JWK = {},
): Promise<SigningKey> {
	const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
	const publicJwk = {
		...(await exportJWK(publicKey)),
		alg,
		use: "sig",
		...(kid === undefined ? {} : { kid }),
		...jwk,
	};
	return { alg, kid, privateKey, publicJwk };
}

/** Starts an attempt as the gate does. */
export function start(
	provider: Generic,
	changes: { maxAge?: number; acrValues?: string[]; restarted?: boolean } = {},
): LoginTransaction {
	return provider.createTransaction({ redirectUri: REDIRECT_URI, returnTo: "/notes", ...changes });
}

/**
 * The `code` and `reason` that a promise is refused with; a promise that is kept fails the test.
 */
export async function refusalOf(
	promise: Promise<unknown>,
): Promise<{ code: unknown; reason: unknown }> {
	const error = await promise.then(
		() => new Error("was accepted"),
		(thrown: unknown) => thrown,
	);
	if (!(error instanceof Error) || !("code" in error)) throw error;
	return { code: error.code, reason: "reason" in error ? error.reason : undefined };
}
