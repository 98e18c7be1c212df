import { primitives } from "#aead";
import { PortcullisError } from "../base/errors.ts";
import { mergeClaims } from "../protocol/claims.ts";
import type { LoginResult } from "../protocol/types.ts";
import { ByteWriter } from "./bytes.ts";
import { namesOf, splitIntoChunks } from "./chunks.ts";
import { authCookieNames, type CookieNames } from "./cookie-names.ts";
import { cookieBytes, deleteCookie, type RequestCookies, type SetCookie } from "./cookies.ts";
import {
	CLAIMS_APART,
	CLAIMS_MIXED,
	companionContext,
	contextOf,
	HAS_ID_TOKEN,
	HAS_REFRESH,
	type Header,
	readClaims,
	SESSION_ID_BYTES,
	type SessionSeal,
	sealedLength,
	USERINFO_OLD,
	USERINFO_OMITTED,
	writeAccess,
	writeJson,
} from "./session-format.ts";
import { OpenedSession, type SealedTokens, type StoredSession } from "./stored-session.ts";
import { packToken } from "./token-packing.ts";
import { additionalClaims } from "./user.ts";

/**
 * A session ends after seven days in any case, in seconds. `Max-Age` says the same, but only the
 * sealed deadline counts.
 */
export const MAX_SESSION_AGE = 604_800;

/**
 * All cookies of ours together, names included. nginx and others refuse more than 8 kB in one
 * header line.
 */
export const COOKIE_BUDGET = 7168;

/**
 * Userinfo claims that are kept beside the ID token, in bytes of JSON; more than that are fetched
 * again where they are needed.
 */
export const MAX_SEALED_CLAIMS = 1536;

const encoder = new TextEncoder();

/** What stays of a session when its tokens are renewed. */
export interface SessionRefresh {
	readonly id: string;
	/** Of the new cookies: one more than before. */
	readonly rotation: number;
	/** As it was: renewing never makes a session last longer than seven days. */
	readonly deadline: number;
	/**
	 * The provider's id of its session, for an ID token that no longer says it: a logout by `sid`
	 * must still find the session.
	 */
	readonly sid?: string | undefined;
	/** True if the claims of userinfo are not known in whole, and have to be fetched again. */
	readonly isUserinfoMissing: boolean;
	/** True if the claims of userinfo are those from before. */
	readonly isUserinfoOld: boolean;
	/** As `StoredSession.isMixed`. */
	readonly isMixed: boolean;
}

/** What a session is sealed with, besides the login. */
export interface SealOptions {
	/** Seconds since the epoch. */
	readonly now: number;
	/**
	 * When the login came back, where that was before now: what has been ended since then is over.
	 */
	readonly began?: number;
	/**
	 * The cookies of the request: stale ones of an earlier session are deleted, the others count
	 * against the budget.
	 */
	readonly requestCookies: RequestCookies;
	/** Bytes of the gate's other cookies. */
	readonly otherBytes: number;
	/** Whether the provider has a userinfo endpoint. */
	readonly canRefetchUserinfo: boolean;
	/** Where an existing session had its tokens renewed. */
	readonly renewal?: SessionRefresh;
}

/** A session and the cookies that hold it. */
export interface SealedSession {
	/** As it opens from the cookies. */
	readonly session: StoredSession;
	/** To set, with those of an earlier session that have to be deleted. */
	readonly cookies: readonly SetCookie[];
}

/**
 * Seals a completed login as a new session, always under a new session id; or, with `renewal`, the
 * session that had its tokens renewed.
 *
 * Over the budget, the ID token goes first (end session then sends `client_id`), then the claims
 * that userinfo can give again.
 *
 * @throws {PortcullisError} `cookies_too_large`, listing the sizes, if nothing fits. Never a
 *   truncated session.
 */
export async function sealSession(
	seal: SessionSeal,
	login: LoginResult,
	options: SealOptions,
): Promise<SealedSession> {
	const { ring, names } = seal;
	const { tokens } = login;
	const content = contentOf(login, options);
	const { identity, flags } = pack(content, chooseShape(names, content));
	const header = headerOf(content, flags);
	const companion = companionContext(header);
	const sealInto = async (name: string, plaintext: Uint8Array, context: string) =>
		ring.seal("session", plaintext, contextOf(names, name, context));
	const [access, sealedIdentity, refresh, scopes] = await Promise.all([
		sealInto(names.access, writeAccess(header, tokens), ""),
		sealInto(names.identity, identity, companion),
		tokens.refreshToken === undefined
			? undefined
			: sealInto(names.refresh, packToken(tokens.refreshToken), companion),
		sealInto(names.scopes, encoder.encode(tokens.scopes.join(" ")), companion),
	]);
	const sealed = { access, identity: sealedIdentity, refresh };
	const written = cookiesOf(names, { ...sealed, scopes });
	return {
		session: new OpenedSession(seal, {
			...{ sealed, header, companion, scopes: tokens.scopes },
			claims: readClaims(identity, flags),
		}),
		cookies: [...formerCookies(names, options.requestCookies, written), ...written],
	};
}

/** What an earlier session has left and the new one does not overwrite, to be deleted. */
function formerCookies(
	names: CookieNames,
	requestCookies: RequestCookies,
	written: readonly SetCookie[],
): SetCookie[] {
	const kept = new Set(written.map(({ name }) => name));
	return clearSession(names, requestCookies).filter(({ name }) => !kept.has(name)); // proven: kept-chunks
}

/**
 * Deletes the auth cookies that the request brought, stale chunks included, and the marker. Values
 * sealed with an unknown key are deleted too: this is for logins and logouts, where the person
 * asked for it.
 */
export function clearSession(names: CookieNames, requestCookies: RequestCookies): SetCookie[] {
	const cookies = authCookieNames(names)
		.flatMap((name) => namesOf(requestCookies, name))
		.map((name) => deleteCookie(name, names.sameSite));
	if (requestCookies.has(names.grace)) cookies.push(deleteCookie(names.grace, names.sameSite));
	if (requestCookies.has(names.sessionHint)) cookies.push(deleteCookie(names.sessionHint, "Lax"));
	return cookies;
}

/** How much of a login is kept. */
interface Shape {
	readonly keepIdToken: boolean;
	readonly keepUserinfo: boolean;
}

/** What there is to keep of a login. */
interface SessionContent {
	readonly login: LoginResult;
	readonly options: SealOptions;
	/** 22 characters. */
	readonly id: string;
	/** The provider's id of its session, where the new ID token does not say it. */
	readonly pinned: { readonly sid?: string };
	/** What userinfo says beside the ID token. */
	readonly additional: Readonly<Record<string, unknown>>;
	readonly extraClaims: Readonly<Record<string, unknown>>;
}

function contentOf(login: LoginResult, options: SealOptions): SessionContent {
	const { renewal } = options;
	const { claims, userinfo } = login;
	// proven: same-session-id
	const id =
		renewal?.id ?? primitives.toBase64url(crypto.getRandomValues(new Uint8Array(SESSION_ID_BYTES)));
	const pinned = renewal?.sid === undefined || claims.sid !== undefined ? {} : { sid: renewal.sid };
	const additional = userinfo ? additionalClaims(claims, userinfo) : {};
	return { login, options, id, pinned, additional, extraClaims: { ...additional, ...pinned } };
}

function headerOf({ login, options, id }: SessionContent, flags: number): Header {
	const { now, began, renewal } = options;
	return {
		sealedAt: now,
		// proven: began-when-sealed, longer-session
		deadline: renewal?.deadline ?? (began ?? now) + MAX_SESSION_AGE,
		accessTokenExpiresAt: login.tokens.accessTokenExpiresAt,
		rotation: renewal?.rotation ?? 0,
		flags,
		id,
	};
}

function chooseShape(names: CookieNames, content: SessionContent): Shape {
	const { extraClaims, options } = content;
	const isLarge = encoder.encode(JSON.stringify(extraClaims)).length > MAX_SEALED_CLAIMS;
	const preferred: Shape[] = [
		{ keepIdToken: true, keepUserinfo: true },
		{ keepIdToken: false, keepUserinfo: true },
	];
	const refetching: Shape[] = [
		{ keepIdToken: true, keepUserinfo: false },
		{ keepIdToken: false, keepUserinfo: false },
	];
	const shapes = isLarge ? [] : preferred;
	const candidates = options.canRefetchUserinfo
		? [...shapes, ...(isLarge ? refetching : refetching.slice(1))]
		: shapes;
	const found = candidates.find((shape) => totalBytes(names, content, shape) <= COOKIE_BUDGET); // proven: no-cookie-budget
	if (found) return found;
	throw new PortcullisError("cookies_too_large", describeSizes(content));
}

function pack(content: SessionContent, shape: Shape): { identity: Uint8Array; flags: number } {
	const { login, options, pinned, additional, extraClaims } = content;
	const { tokens, claims } = login;
	const { renewal } = options;
	const { keepIdToken, keepUserinfo } = shape;
	const writer = new ByteWriter();
	const idToken = keepIdToken ? tokens.idToken : undefined;
	// Never merged: what the next answer of one of the two lacks could not be told from what the
	// other has said.
	if (idToken === undefined) {
		writer.block(writeJson({ ...mergeClaims(claims), ...pinned }));
		writer.raw(writeJson(keepUserinfo ? additional : {}));
	} else {
		writer.block(packToken(idToken));
		writer.raw(writeJson(keepUserinfo ? extraClaims : pinned));
	}
	const flags =
		(tokens.refreshToken === undefined ? 0 : HAS_REFRESH) |
		(idToken === undefined ? CLAIMS_APART : HAS_ID_TOKEN) |
		(renewal?.isUserinfoOld === true ? USERINFO_OLD : 0) |
		(renewal?.isMixed === true ? CLAIMS_MIXED : 0) |
		(keepUserinfo && renewal?.isUserinfoMissing !== true ? 0 : USERINFO_OMITTED);
	return { identity: writer.finish(), flags };
}

function totalBytes(names: CookieNames, content: SessionContent, shape: Shape): number {
	const { login, options } = content;
	const { tokens } = login;
	const plaintexts: readonly (readonly [name: string, bytes: number])[] = [
		[names.access, writeAccess(headerOf(content, 0), tokens).length],
		[names.identity, pack(content, shape).identity.length],
		...(tokens.refreshToken === undefined
			? []
			: [[names.refresh, packToken(tokens.refreshToken).length] as const]),
		[names.scopes, encoder.encode(tokens.scopes.join(" ")).length],
	];
	let total = options.otherBytes;
	for (const sessionHint of sessionHintOf(names)) total += cookieBytes(sessionHint);
	for (const [name, bytes] of plaintexts) {
		const chunks = splitIntoChunks(name, "x".repeat(sealedLength(bytes)));
		if (!chunks) return Number.POSITIVE_INFINITY;
		for (const chunk of chunks) total += cookieBytes(chunk);
	}
	return total;
}

function describeSizes({ login, options, extraClaims }: SessionContent): string {
	const { tokens } = login;
	const parts = [
		`access token ${tokens.accessToken.length}`,
		`ID token ${tokens.idToken?.length ?? 0}`,
		`refresh token ${tokens.refreshToken?.length ?? 0}`,
		`scopes ${tokens.scopes.join(" ").length}`,
		`other token response members ${JSON.stringify(tokens.extra).length}`,
		`userinfo claims ${JSON.stringify(extraClaims).length}`,
		`other cookies of ours ${options.otherBytes}`,
	];
	return `The session does not fit into ${COOKIE_BUDGET} bytes of cookies (bytes: ${parts.join(", ")}). Ask the provider for fewer claims or groups in the tokens.`;
}

function cookiesOf(
	names: CookieNames,
	sealed: SealedTokens & { readonly scopes: string },
): SetCookie[] {
	const cookies: SetCookie[] = [];
	for (const [name, value] of [
		[names.access, sealed.access],
		[names.identity, sealed.identity],
		[names.refresh, sealed.refresh],
		[names.scopes, sealed.scopes],
	] as const) {
		if (!value) continue;
		for (const chunk of splitIntoChunks(name, value) ?? [])
			cookies.push({ ...chunk, sameSite: names.sameSite, maxAge: MAX_SESSION_AGE });
	}
	return [...cookies, ...sessionHintOf(names)];
}

/**
 * The cookie that says that there is a session, to navigations that bring no `Strict` cookie. There
 * is none in another site's frame, where nothing is repeated for such cookies.
 */
function sessionHintOf({ sameSite, sessionHint }: CookieNames): readonly SetCookie[] {
	return sameSite === "Strict"
		? [{ name: sessionHint, value: "1", sameSite: "Lax", maxAge: MAX_SESSION_AGE }]
		: [];
}
