import { primitives } from "#aead";
import { PortcullisError } from "../base/errors.ts";
import type { MaybePromise } from "../crypto/aead.ts";
import { KEY_ID_LENGTH, type KeyRing } from "../crypto/key-ring.ts";
import type { LoginResult, OIDCUserInfo, Tokens } from "../protocol/types.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { joinChunks, namesOf, splitIntoChunks } from "./chunks.ts";
import { authCookieNames, type CookieNames } from "./cookie-names.ts";
import { type CookieJar, cookieBytes, deleteCookie, type SetCookie } from "./cookies.ts";
import { packedJwtPayload, packToken, unpackToken } from "./token-packing.ts";
import { additionalClaims, mergeClaims } from "./user.ts";

/** A session ends after seven days in any case, in seconds. `Max-Age` says the same, but only the sealed deadline counts. */
export const MAX_SESSION_AGE = 604_800;
/** All cookies of ours together, names included. nginx and others refuse more than 8 kB in one header line. */
export const COOKIE_BUDGET = 7168;
/** Userinfo claims that are kept beside the ID token, in bytes of JSON; more than that are fetched again where they are needed. */
export const MAX_SEALED_CLAIMS = 1536;
/** A cookie from the future is a clock gone wrong on one of the replicas; more than this is not believed. Seconds. */
const MAX_REPLICA_SKEW = 300;

const VERSION = 1;
const SESSION_ID_BYTES = 16;
const SEAL_OVERHEAD_BYTES = 28;

const HAS_REFRESH = 1;
const HAS_ID_TOKEN = 2;
const USERINFO_OMITTED = 4;

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
	/** The tokens, unpacked when asked: most requests need none. The refresh token is read from the jar it was opened with. */
	readonly accessToken: () => string;
	readonly idToken: () => string | undefined;
	readonly extra: () => Readonly<Record<string, unknown>>;
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
}

/**
 * Seals a completed login as a new session, always under a new session id; or, with `renewal`, the session that had its tokens renewed.
 *
 * Over the budget, the ID token goes first (end session then sends `client_id`), then the claims that userinfo can give again.
 *
 * @param jar The cookies of the request: stale ones of an earlier session are deleted, the others count against the budget.
 * @param canRefetchUserinfo Whether the provider has a userinfo endpoint.
 * @throws {PortcullisError} `cookies_too_large`, listing the sizes, if nothing fits. Never a truncated session.
 */
export async function sealSession(
	seal: SessionSeal,
	login: LoginResult,
	options: { now: number; jar: CookieJar; otherBytes: number; canRefetchUserinfo: boolean; renewal?: Renewal },
): Promise<SetCookie[]> {
	const { ring, names } = seal;
	const { tokens } = login;
	const { renewal } = options;
	const id =
		(renewal && primitives.fromBase64url(renewal.id)) ?? crypto.getRandomValues(new Uint8Array(SESSION_ID_BYTES));
	const marker: SetCookie = { name: names.marker, value: "1", sameSite: "Lax", maxAge: MAX_SESSION_AGE };
	const extraClaims = login.userinfo ? additionalClaims(login.claims, login.userinfo) : {};
	const extraTooLarge = encoder.encode(JSON.stringify(extraClaims)).length > MAX_SEALED_CLAIMS;

	const shape = chooseShape();
	const packed = pack(shape);
	const companion = companionContext(header(packed.flags));
	const values = await Promise.all([
		sealInto(names.access, writeAccess(header(packed.flags), tokens), ""),
		sealInto(names.identity, packed.identity, companion),
		tokens.refreshToken === undefined ? "" : sealInto(names.refresh, packToken(tokens.refreshToken), companion),
		sealInto(names.scopes, encoder.encode(tokens.scopes.join(" ")), companion),
	]);

	const cookies: SetCookie[] = [];
	for (const [i, name] of authCookieNames(names).entries()) {
		const value = values[i];
		if (!value) continue;
		for (const chunk of splitIntoChunks(name, value) ?? [])
			cookies.push({ ...chunk, sameSite: "Strict", maxAge: MAX_SESSION_AGE });
	}
	cookies.push(marker);
	const written = new Set(cookies.map(({ name }) => name));
	return [...clearSession(names, options.jar).filter(({ name }) => !written.has(name)), ...cookies];

	function header(flags: number): Header {
		const { now } = options;
		return {
			sealedAt: now,
			deadline: renewal?.deadline ?? now + MAX_SESSION_AGE,
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
		const found = candidates.find((shape) => totalBytes(shape) <= COOKIE_BUDGET);
		if (found) return found;
		throw new PortcullisError("cookies_too_large", describeSizes());
	}

	function pack({ keepIdToken, keepUserinfo }: Shape): { identity: Uint8Array; flags: number } {
		const writer = new ByteWriter();
		const idToken = keepIdToken ? tokens.idToken : undefined;
		const kept =
			idToken === undefined
				? { ...mergeClaims(login.claims, keepUserinfo ? login.userinfo : {}) }
				: keepUserinfo
					? extraClaims
					: {};
		if (idToken !== undefined) writer.block(packToken(idToken));
		writer.raw(writeJson(kept));
		const flags =
			(tokens.refreshToken === undefined ? 0 : HAS_REFRESH) |
			(idToken === undefined ? 0 : HAS_ID_TOKEN) |
			(keepUserinfo ? 0 : USERINFO_OMITTED);
		return { identity: writer.finish(), flags };
	}

	function totalBytes(shape: Shape): number {
		const sizes = [
			[names.access, writeAccess(header(0), tokens).length],
			[names.identity, pack(shape).identity.length],
			...(tokens.refreshToken === undefined ? [] : [[names.refresh, packToken(tokens.refreshToken).length] as const]),
			[names.scopes, encoder.encode(tokens.scopes.join(" ")).length],
		] as const;
		let total = cookieBytes(marker) + options.otherBytes;
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
 * `undefined` for anything but a whole, unexpired session that was sealed for just this provider: cookies that are missing, forged,
 * swapped, mixed from two sessions or generations, or sealed with an unknown key are all the same nothing. Never throws.
 *
 * @param now Seconds since the epoch.
 */
export async function openSession(seal: SessionSeal, jar: CookieJar, now: number): Promise<StoredSession | undefined> {
	const { names } = seal;
	try {
		const accessBytes = await openValue(seal, names.access, joinChunks(jar, names.access), "");
		if (!accessBytes) return undefined;
		const { header, accessToken, extra } = readAccess(accessBytes);
		if (now >= header.deadline || header.sealedAt > now + MAX_REPLICA_SKEW) return undefined;

		const companion = companionContext(header);
		const [identity, scopes] = await Promise.all([
			openValue(seal, names.identity, joinChunks(jar, names.identity), companion),
			openValue(seal, names.scopes, joinChunks(jar, names.scopes), companion),
		]);
		if (!identity || !scopes) return undefined;
		const sealedRefreshToken = joinChunks(jar, names.refresh);
		if ((header.flags & HAS_REFRESH) !== 0 && sealedRefreshToken === undefined) return undefined;

		const { idToken, claims } = readIdentity(identity, header.flags);
		if (typeof claims.sub !== "string" || claims.sub === "") return undefined;
		const grantedScopes = decoder.decode(scopes).split(" ").filter(Boolean);
		return storedSession(seal, { header, accessToken, extra, idToken, claims, sealedRefreshToken, grantedScopes });
	} catch {
		// Authenticated, yet unreadable: written by another version. That is no session, and no error either.
		return undefined;
	}
}

/**
 * Deletes the auth cookies that the request brought, stale chunks included, and the marker. Values sealed with an unknown key are
 * deleted too: this is for logins and logouts, where the person asked for it.
 */
export function clearSession(names: CookieNames, jar: CookieJar): SetCookie[] {
	const cookies = authCookieNames(names)
		.flatMap((name) => namesOf(jar, name))
		.map((name) => deleteCookie(name, "Strict"));
	if (jar.has(names.grace)) cookies.push(deleteCookie(names.grace, "Strict"));
	if (jar.has(names.marker)) cookies.push(deleteCookie(names.marker, "Lax"));
	return cookies;
}

interface Shape {
	keepIdToken: boolean;
	keepUserinfo: boolean;
}

/** What was read from the cookies of a session. */
interface SessionParts {
	readonly header: Header;
	readonly accessToken: Uint8Array;
	readonly extra: Uint8Array;
	readonly idToken: Uint8Array | undefined;
	readonly claims: OIDCUserInfo;
	readonly sealedRefreshToken: string | undefined;
	readonly grantedScopes: readonly string[];
}

/** A function of its own, so that the tokens' closures keep alive what is named here and nothing else of a request. */
function storedSession(
	seal: SessionSeal,
	{ header, accessToken, extra, idToken, claims, sealedRefreshToken, grantedScopes }: SessionParts,
): StoredSession {
	return {
		id: primitives.toBase64url(header.id),
		generation: header.generation,
		sealedAt: header.sealedAt,
		deadline: header.deadline,
		accessTokenExpiresAt: header.accessTokenExpiresAt,
		scopes: grantedScopes,
		claims,
		userinfoOmitted: (header.flags & USERINFO_OMITTED) !== 0,
		hasRefreshToken: (header.flags & HAS_REFRESH) !== 0,
		accessToken: () => unpackToken(accessToken),
		idToken: () => (idToken ? unpackToken(idToken) : undefined),
		extra: () => readJson(extra),
		refreshToken: async () => {
			const packed = await openValue(seal, seal.names.refresh, sealedRefreshToken, companionContext(header));
			return packed && unpackToken(packed);
		},
	};
}

function openValue(
	{ ring, names }: SessionSeal,
	cookie: string,
	value: string | undefined,
	companion: string,
): MaybePromise<Uint8Array | undefined> {
	return value === undefined ? undefined : ring.open("session", value, contextOf(names, cookie, companion));
}

interface Header {
	sealedAt: number;
	deadline: number;
	accessTokenExpiresAt: number;
	generation: number;
	flags: number;
	id: Uint8Array;
}

function writeAccess(header: Header, tokens: Tokens): Uint8Array {
	const { sealedAt, deadline, accessTokenExpiresAt, generation, flags, id } = header;
	return (
		new ByteWriter()
			.varint(VERSION)
			.varint(sealedAt)
			// Times after the first as differences: half the bytes. Zigzag, because a provider may hand out a token that has ended.
			.varint(deadline - sealedAt)
			.varint(zigzag(accessTokenExpiresAt - sealedAt))
			.varint(generation)
			.varint(flags)
			.raw(id)
			.block(packToken(tokens.accessToken))
			.raw(writeJson(tokens.extra))
			.finish()
	);
}

function readAccess(bytes: Uint8Array): { header: Header; accessToken: Uint8Array; extra: Uint8Array } {
	const reader = new ByteReader(bytes);
	if (reader.varint() !== VERSION) throw new RangeError("another version");
	const sealedAt = reader.varint();
	const header = {
		sealedAt,
		deadline: sealedAt + reader.varint(),
		accessTokenExpiresAt: sealedAt + unzigzag(reader.varint()),
		generation: reader.varint(),
		flags: reader.varint(),
		id: reader.raw(SESSION_ID_BYTES),
	};
	return { header, accessToken: reader.block(), extra: reader.rest() };
}

function readIdentity(bytes: Uint8Array, flags: number): { idToken: Uint8Array | undefined; claims: OIDCUserInfo } {
	const reader = new ByteReader(bytes);
	const idToken = (flags & HAS_ID_TOKEN) === 0 ? undefined : reader.block();
	const beside = readJson(reader.rest());
	const signed = idToken ? packedJwtPayload(idToken) : undefined;
	return { idToken, claims: signed ? mergeClaims(signed, beside) : (beside as OIDCUserInfo) };
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

/** What the companions of an access cookie are sealed with: they open beside the one they were written with only. */
function companionContext(header: Header): string {
	return `${primitives.toBase64url(header.id)}.${header.generation}`;
}

function contextOf(names: CookieNames, cookie: string, companion: string): string {
	return `${cookie} ${names.binding} ${companion}`;
}

/** Characters of a sealed text for so many bytes of plaintext. */
function sealedLength(plaintextBytes: number): number {
	return KEY_ID_LENGTH + Math.ceil(((plaintextBytes + SEAL_OVERHEAD_BYTES) * 4) / 3);
}
