import { primitives } from "#aead";
import { PortcullisError } from "../base/errors.ts";
import { isPromise } from "../base/maybe-promise.ts";
import type { MaybePromise } from "../crypto/aead.ts";
import { KEY_ID_LENGTH, type KeyRing } from "../crypto/key-ring.ts";
import type { LoginResult, OIDCUserInfo, Tokens } from "../protocol/types.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { joinChunks, namesOf, splitIntoChunks } from "./chunks.ts";
import { authCookieNames, type CookieNames } from "./cookie-names.ts";
import { type CookieJar, cookieBytes, deleteCookie, type SetCookie } from "./cookies.ts";
import { packedJwtPayload, packToken, unpackToken } from "./token-packing.ts";
import { additionalClaims, mergeClaims, splitClaims } from "./user.ts";

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
/**
 * A cookie from the future is a clock gone wrong on one of the replicas; more than this is not
 * believed. Seconds.
 */
const MAX_REPLICA_SKEW = 300;

const VERSION = 1;
const SESSION_ID_BYTES = 16;
const SEAL_OVERHEAD_BYTES = 28;

const HAS_REFRESH = 1;
const HAS_ID_TOKEN = 2;
const USERINFO_OMITTED = 4;
/**
 * Without an ID token: the claims that it had stand before those of userinfo. Cookies without this
 * have them all in one.
 */
const CLAIMS_APART = 8;
/** What userinfo has said is older than the cookies. */
const USERINFO_OLD = 16;
/** Among the claims of userinfo there may be some that a former ID token had: nobody knows. */
const CLAIMS_MIXED = 32;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A session as its cookies hold it, opened and checked. Times are seconds since the epoch. */
export interface StoredSession {
	/** 22 characters, new at every login: what logs and revocation know the session by. */
	readonly id: string;
	/** Counts refreshes: cookies of two generations never open together. */
	readonly generation: number;
	readonly sealedAt: number;
	readonly deadline: number;
	readonly accessTokenExpiresAt: number;
	readonly scopes: readonly string[];
	/** Claims of the ID token and those kept beside it. */
	readonly claims: OIDCUserInfo;
	/** True if userinfo was too large to be kept: `claims` then lacks what only userinfo has. */
	readonly userinfoOmitted: boolean;
	readonly hasRefreshToken: boolean;
	/**
	 * The tokens, read when asked: most requests need none. They come from the cookies that the
	 * session was opened with.
	 */
	readonly accessToken: () => Promise<string>;
	readonly idToken: () => Promise<string | undefined>;
	/**
	 * True if what `claims` has of userinfo was not fetched when the session was sealed, but before.
	 */
	readonly userinfoIsOld: boolean;
	/**
	 * True if `claims` are of a time when they were not kept apart: `userinfoClaims` then has some
	 * that may be the ID token's.
	 */
	readonly isMixed: boolean;
	/**
	 * What of `claims` the ID token has said, as far as that is known. Read when asked, like the
	 * tokens.
	 */
	readonly signedClaims: () => Promise<Readonly<Record<string, unknown>>>;
	/** What of `claims` userinfo has said, where the ID token says it otherwise or not at all. */
	readonly userinfoClaims: () => Promise<Readonly<Record<string, unknown>>>;
	readonly extra: () => Promise<Readonly<Record<string, unknown>>>;
	readonly refreshToken: () => Promise<string | undefined>;
}

/** What seals and opens the sessions of one provider. */
export interface SessionSeal {
	readonly ring: KeyRing;
	readonly names: CookieNames;
}

/** What stays of a session when its tokens are renewed. */
export interface Renewal {
	readonly id: string;
	/** Of the new cookies: one more than before. */
	readonly generation: number;
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

/**
 * Seals a completed login as a new session, always under a new session id; or, with `renewal`, the
 * session that had its tokens renewed.
 *
 * Over the budget, the ID token goes first (end session then sends `client_id`), then the claims
 * that userinfo can give again.
 *
 * @param began When the login came back, where that was before now: what has been ended since then
 *   is over.
 * @param jar The cookies of the request: stale ones of an earlier session are deleted, the others
 *   count against the budget.
 * @param canRefetchUserinfo Whether the provider has a userinfo endpoint.
 * @throws {PortcullisError} `cookies_too_large`, listing the sizes, if nothing fits. Never a
 *   truncated session.
 */
export async function sealSession(
	seal: SessionSeal,
	login: LoginResult,
	options: {
		now: number;
		began?: number;
		jar: CookieJar;
		otherBytes: number;
		canRefetchUserinfo: boolean;
		renewal?: Renewal;
	},
): Promise<SetCookie[]> {
	const { ring, names } = seal;
	const { tokens } = login;
	const { renewal } = options;
	// proven: same-session-id
	const id =
		renewal?.id ?? primitives.toBase64url(crypto.getRandomValues(new Uint8Array(SESSION_ID_BYTES)));
	// In a frame there is nothing to repeat for Strict cookies, which is what the marker is for.
	const isOrdinary = names.sameSite === "Strict";
	const marker: SetCookie = {
		name: names.marker,
		value: "1",
		sameSite: "Lax",
		maxAge: MAX_SESSION_AGE,
	};
	const pinned =
		renewal?.sid === undefined || login.claims.sid !== undefined ? {} : { sid: renewal.sid };
	const additional = login.userinfo ? additionalClaims(login.claims, login.userinfo) : {};
	const extraClaims = { ...additional, ...pinned };
	const extraTooLarge = encoder.encode(JSON.stringify(extraClaims)).length > MAX_SEALED_CLAIMS;

	const shape = chooseShape();
	const packed = pack(shape);
	const companion = companionContext(header(packed.flags));
	const values = await Promise.all([
		sealInto(names.access, writeAccess(header(packed.flags), tokens), ""),
		sealInto(names.identity, packed.identity, companion),
		tokens.refreshToken === undefined
			? ""
			: sealInto(names.refresh, packToken(tokens.refreshToken), companion),
		sealInto(names.scopes, encoder.encode(tokens.scopes.join(" ")), companion),
	]);

	const cookies: SetCookie[] = [];
	for (const [i, name] of authCookieNames(names).entries()) {
		const value = values[i];
		if (!value) continue;
		for (const chunk of splitIntoChunks(name, value) ?? [])
			cookies.push({ ...chunk, sameSite: names.sameSite, maxAge: MAX_SESSION_AGE });
	}
	if (isOrdinary) cookies.push(marker);
	const written = new Set(cookies.map(({ name }) => name));
	// proven: kept-chunks
	return [...clearSession(names, options.jar).filter(({ name }) => !written.has(name)), ...cookies];

	function header(flags: number): Header {
		const { now } = options;
		return {
			sealedAt: now,
			// proven: began-when-sealed, longer-session
			deadline: renewal?.deadline ?? (options.began ?? now) + MAX_SESSION_AGE,
			accessTokenExpiresAt: tokens.accessTokenExpiresAt,
			generation: renewal?.generation ?? 0,
			flags,
			id,
		};
	}

	function chooseShape(): Shape {
		const preferred: Shape[] = [
			{ keepIdToken: true, keepUserinfo: true },
			{ keepIdToken: false, keepUserinfo: true },
		];
		const refetching: Shape[] = [
			{ keepIdToken: true, keepUserinfo: false },
			{ keepIdToken: false, keepUserinfo: false },
		];
		const shapes = extraTooLarge ? [] : preferred;
		const candidates = options.canRefetchUserinfo
			? [...shapes, ...(extraTooLarge ? refetching : refetching.slice(1))]
			: shapes;
		const found = candidates.find((shape) => totalBytes(shape) <= COOKIE_BUDGET); // proven: no-cookie-budget
		if (found) return found;
		throw new PortcullisError("cookies_too_large", describeSizes());
	}

	function pack({ keepIdToken, keepUserinfo }: Shape): { identity: Uint8Array; flags: number } {
		const writer = new ByteWriter();
		const idToken = keepIdToken ? tokens.idToken : undefined;
		// Never merged: what the next answer of one of the two lacks could not be told from what the
		// other has said.
		if (idToken === undefined) {
			writer.block(writeJson({ ...mergeClaims(login.claims), ...pinned }));
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

	function totalBytes(shape: Shape): number {
		const sizes = [
			[names.access, writeAccess(header(0), tokens).length],
			[names.identity, pack(shape).identity.length],
			...(tokens.refreshToken === undefined
				? []
				: [[names.refresh, packToken(tokens.refreshToken).length] as const]),
			[names.scopes, encoder.encode(tokens.scopes.join(" ")).length],
		] as const;
		let total = (isOrdinary ? cookieBytes(marker) : 0) + options.otherBytes;
		for (const [name, length] of sizes) {
			const chunks = splitIntoChunks(name, "x".repeat(sealedLength(length)));
			if (!chunks) return Number.POSITIVE_INFINITY;
			for (const chunk of chunks) total += cookieBytes(chunk);
		}
		return total;
	}

	function describeSizes(): string {
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

	async function sealInto(name: string, plaintext: Uint8Array, context: string): Promise<string> {
		return ring.seal("session", plaintext, contextOf(names, name, context));
	}
}

/**
 * Opens the session in a request's cookies.
 *
 * `undefined` for anything but a whole, unexpired session that was sealed for just this provider:
 * cookies that are missing, forged, swapped, mixed from two sessions or generations, or sealed with
 * an unknown key are all the same nothing. Never throws.
 *
 * @param now Seconds since the epoch.
 */
export async function openSession(
	seal: SessionSeal,
	jar: CookieJar,
	now: number,
): Promise<StoredSession | undefined> {
	const { names } = seal;
	try {
		const access = joinChunks(jar, names.access);
		// On Node all of this happens at once, and a promise for each value would cost as much as the
		// value.
		const opening = openValue(seal, names.access, access, "");
		const accessBytes = isPromise(opening) ? await opening : opening;
		if (access === undefined || !accessBytes) return undefined;
		const reader = new ByteReader(accessBytes);
		const header = readHeader(reader);
		reader.skipBlock();
		// proven: no-deadline, future-session
		if (now >= header.deadline || header.sealedAt > now + MAX_REPLICA_SKEW) return undefined;

		const companion = companionContext(header);
		const identity = joinChunks(jar, names.identity);
		const hasRefresh = (header.flags & HAS_REFRESH) !== 0;
		const refresh = hasRefresh ? joinChunks(jar, names.refresh) : undefined;
		const companions = [
			openValue(seal, names.identity, identity, companion), // proven: no-companions-bound
			openValue(seal, names.scopes, joinChunks(jar, names.scopes), companion),
			// Nobody needs the refresh token yet. But a session of which any cookie was swapped or
			// changed is none.
			openValue(seal, names.refresh, refresh, companion),
		] as const;
		const [identityBytes, scopeBytes, refreshBytes] = areThere(companions)
			? companions
			: await Promise.all(companions);
		if (identity === undefined || !identityBytes || !scopeBytes) return undefined;
		if (hasRefresh && !refreshBytes) return undefined; // proven: no-refresh-cookie

		const claims = readClaims(identityBytes, header.flags);
		if (typeof claims.sub !== "string" || claims.sub === "") return undefined; // proven: sub-less-session
		return new OpenedSession(
			seal,
			{ access, identity, refresh },
			header,
			companion,
			claims,
			readScopes(scopeBytes),
		);
	} catch {
		// Authenticated, yet unreadable: written by another version. That is no session, and no error
		// either.
		return undefined;
	}
}

/**
 * Deletes the auth cookies that the request brought, stale chunks included, and the marker. Values
 * sealed with an unknown key are deleted too: this is for logins and logouts, where the person
 * asked for it.
 */
export function clearSession(names: CookieNames, jar: CookieJar): SetCookie[] {
	const cookies = authCookieNames(names)
		.flatMap((name) => namesOf(jar, name))
		.map((name) => deleteCookie(name, names.sameSite));
	if (jar.has(names.grace)) cookies.push(deleteCookie(names.grace, names.sameSite));
	if (jar.has(names.marker)) cookies.push(deleteCookie(names.marker, "Lax"));
	return cookies;
}

interface Shape {
	keepIdToken: boolean;
	keepUserinfo: boolean;
}

/** The cookies that hold tokens, chunks put together: slices of the request's `Cookie` header. */
interface SealedTokens {
	readonly access: string;
	readonly identity: string;
	readonly refresh: string | undefined;
}

/**
 * Keeps the sealed text of the tokens and opens it anew when they are asked for. Thousands of these
 * are alive at a time, and the sealed text is there anyway, as part of the header that the session
 * is found by; opened tokens would be 3 kB more of each.
 */
class OpenedSession implements StoredSession {
	readonly id: string;
	readonly generation: number;
	readonly sealedAt: number;
	readonly deadline: number;
	readonly accessTokenExpiresAt: number;
	readonly scopes: readonly string[];
	readonly claims: OIDCUserInfo;
	readonly #seal: SessionSeal;
	readonly #sealed: SealedTokens;
	readonly #companion: string;
	readonly #flags: number;

	constructor(
		seal: SessionSeal,
		sealed: SealedTokens,
		header: Header,
		companion: string,
		claims: OIDCUserInfo,
		scopes: readonly string[],
	) {
		this.id = header.id;
		this.generation = header.generation;
		this.sealedAt = header.sealedAt;
		this.deadline = header.deadline;
		this.accessTokenExpiresAt = header.accessTokenExpiresAt;
		this.scopes = scopes;
		this.claims = claims;
		this.#seal = seal;
		this.#sealed = sealed;
		this.#companion = companion;
		this.#flags = header.flags;
	}

	get userinfoOmitted(): boolean {
		return (this.#flags & USERINFO_OMITTED) !== 0;
	}

	get userinfoIsOld(): boolean {
		return (this.#flags & USERINFO_OLD) !== 0;
	}

	get isMixed(): boolean {
		if ((this.#flags & (HAS_ID_TOKEN | CLAIMS_APART)) !== 0)
			return (this.#flags & CLAIMS_MIXED) !== 0;
		// Of a login that could not keep what userinfo had said there is nothing that could be mixed.
		return !(this.userinfoOmitted && this.generation === 0);
	}

	get hasRefreshToken(): boolean {
		return (this.#flags & HAS_REFRESH) !== 0;
	}

	async accessToken(): Promise<string> {
		const { token } = readAccess(
			await this.#openAgain(this.#seal.names.access, this.#sealed.access, ""),
		);
		return unpackToken(token);
	}

	async extra(): Promise<Readonly<Record<string, unknown>>> {
		return readJson(
			readAccess(await this.#openAgain(this.#seal.names.access, this.#sealed.access, "")).extra,
		);
	}

	async idToken(): Promise<string | undefined> {
		if ((this.#flags & HAS_ID_TOKEN) === 0) return undefined;
		const bytes = await this.#openAgain(
			this.#seal.names.identity,
			this.#sealed.identity,
			this.#companion,
		);
		return unpackToken(new ByteReader(bytes).block());
	}

	async signedClaims(): Promise<Readonly<Record<string, unknown>>> {
		const { sid } = this.claims;
		if (!this.#isApart) return this.isMixed ? splitClaims(this.claims).signed : this.claims; // proven: mixed-claims
		return { ...(await this.#sources()).signed, ...(sid === undefined ? {} : { sid }) };
	}

	async userinfoClaims(): Promise<Readonly<Record<string, unknown>>> {
		if (!this.#isApart) return this.isMixed ? splitClaims(this.claims).others : {};
		return splitClaims((await this.#sources()).beside).others;
	}

	get #isApart(): boolean {
		return (this.#flags & (HAS_ID_TOKEN | CLAIMS_APART)) !== 0;
	}

	async #sources(): Promise<ClaimSources> {
		const bytes = await this.#openAgain(
			this.#seal.names.identity,
			this.#sealed.identity,
			this.#companion,
		);
		return readSources(bytes, this.#flags);
	}

	async refreshToken(): Promise<string | undefined> {
		const packed = await openValue(
			this.#seal,
			this.#seal.names.refresh,
			this.#sealed.refresh,
			this.#companion,
		);
		return packed && unpackToken(packed);
	}

	async #openAgain(cookie: string, sealed: string, companion: string): Promise<Uint8Array> {
		const bytes = await openValue(this.#seal, cookie, sealed, companion);
		if (!bytes) throw new RangeError("A cookie that was opened does not open again");
		return bytes;
	}
}

function areThere<T extends readonly unknown[]>(
	values: T,
): values is T & { [K in keyof T]: Exclude<T[K], Promise<unknown>> } {
	return !values.some((value) => isPromise(value));
}

function openValue(
	{ ring, names }: SessionSeal,
	cookie: string,
	value: string | undefined,
	companion: string,
): MaybePromise<Uint8Array | undefined> {
	return value === undefined
		? undefined
		: ring.open("session", value, contextOf(names, cookie, companion));
}

interface Header {
	readonly sealedAt: number;
	readonly deadline: number;
	readonly accessTokenExpiresAt: number;
	readonly generation: number;
	readonly flags: number;
	/** Base64url. */
	readonly id: string;
}

function writeAccess(header: Header, tokens: Tokens): Uint8Array {
	const { sealedAt, deadline, accessTokenExpiresAt, generation, flags, id } = header;
	return (
		new ByteWriter()
			.varint(VERSION)
			.varint(sealedAt)
			// Times after the first as differences: half the bytes. Zigzag, because a provider may hand
			// out a token that has ended.
			.varint(deadline - sealedAt)
			.varint(zigzag(accessTokenExpiresAt - sealedAt))
			.varint(generation)
			.varint(flags)
			.raw(idBytes(id))
			.block(packToken(tokens.accessToken))
			.raw(writeJson(tokens.extra))
			.finish()
	);
}

function idBytes(id: string): Uint8Array {
	const bytes = primitives.fromBase64url(id);
	if (bytes?.length !== SESSION_ID_BYTES) throw new TypeError("not the id of a session");
	return bytes;
}

function readHeader(reader: ByteReader): Header {
	if (reader.varint() !== VERSION) throw new RangeError("another version"); // proven: no-version
	const sealedAt = reader.varint();
	return {
		sealedAt,
		deadline: sealedAt + reader.varint(),
		accessTokenExpiresAt: sealedAt + unzigzag(reader.varint()),
		generation: reader.varint(),
		flags: reader.varint(),
		id: primitives.toBase64url(reader.raw(SESSION_ID_BYTES)),
	};
}

function readAccess(bytes: Uint8Array): { token: Uint8Array; extra: Uint8Array } {
	const reader = new ByteReader(bytes);
	readHeader(reader);
	return { token: reader.block(), extra: reader.rest() };
}

interface ClaimSources {
	/** `undefined` in cookies that have all in one. */
	readonly signed: Record<string, unknown> | undefined;
	readonly beside: Record<string, unknown>;
}

function readSources(bytes: Uint8Array, flags: number): ClaimSources {
	const reader = new ByteReader(bytes);
	const signed =
		(flags & HAS_ID_TOKEN) !== 0
			? packedJwtPayload(reader.block())
			: (flags & CLAIMS_APART) !== 0
				? readJson(reader.block())
				: undefined;
	return { signed, beside: readJson(reader.rest()) };
}

function readClaims(bytes: Uint8Array, flags: number): OIDCUserInfo {
	const { signed, beside } = readSources(bytes, flags);
	if (!signed) return beside as OIDCUserInfo;
	const merged = mergeClaims(signed, beside);
	// Set beside the token by a renewal alone; what userinfo says of it is never kept.
	return merged.sid === undefined && typeof beside.sid === "string"
		? { ...merged, sid: beside.sid }
		: merged;
}

/** The scopes of most sessions are those of the last one: they are then the same list. */
let last: { readonly text: string; readonly scopes: readonly string[] } = { text: "", scopes: [] };

function readScopes(bytes: Uint8Array): readonly string[] {
	const text = decoder.decode(bytes);
	if (text !== last.text) last = { text, scopes: Object.freeze(text.split(" ").filter(Boolean)) };
	return last.scopes;
}

/** JSON of an object; nothing at all for an empty one. */
function writeJson(value: Readonly<Record<string, unknown>>): Uint8Array {
	return encoder.encode(Object.keys(value).length === 0 ? "" : JSON.stringify(value));
}

function readJson(bytes: Uint8Array): Record<string, unknown> {
	return bytes.length === 0 ? {} : (JSON.parse(decoder.decode(bytes)) as Record<string, unknown>);
}

function zigzag(value: number): number {
	return value < 0 ? -2 * value - 1 : 2 * value;
}

function unzigzag(value: number): number {
	return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}

/**
 * What the companions of an access cookie are sealed with: they open beside the one they were
 * written with only.
 */
function companionContext(header: Header): string {
	return `${header.id}.${header.generation}`; // proven: no-generation
}

function contextOf(names: CookieNames, cookie: string, companion: string): string {
	return `${cookie} ${names.binding} ${companion}`; // proven: no-cookie-name-bound
}

/** Characters of a sealed text for so many bytes of plaintext. */
function sealedLength(plaintextBytes: number): number {
	return KEY_ID_LENGTH + Math.ceil(((plaintextBytes + SEAL_OVERHEAD_BYTES) * 4) / 3);
}
