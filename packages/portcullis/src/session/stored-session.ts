import type { UserClaims } from "../protocol/types.ts";
import { ByteReader } from "./bytes.ts";
import {
	CLAIMS_APART,
	CLAIMS_MIXED,
	type ClaimSources,
	HAS_ID_TOKEN,
	HAS_REFRESH,
	type Header,
	openValue,
	readAccess,
	readJson,
	readSources,
	type SessionSeal,
	USERINFO_OLD,
	USERINFO_OMITTED,
} from "./session-format.ts";
import { unpackToken } from "./token-packing.ts";
import { splitClaims } from "./user.ts";

/** A session as its cookies hold it, opened and checked. Times are seconds since the epoch. */
export interface StoredSession {
	/** 22 characters, new at every login: what logs and revocation know the session by. */
	readonly id: string;
	/** Counts refreshes: cookies of two generations never open together. */
	readonly rotation: number;
	readonly sealedAt: number;
	readonly deadline: number;
	readonly accessTokenExpiresAt: number;
	readonly scopes: readonly string[];
	/** Claims of the ID token and those kept beside it. */
	readonly claims: UserClaims;
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

/** The cookies that hold tokens, chunks put together: slices of the request's `Cookie` header. */
export interface SealedTokens {
	readonly access: string;
	readonly identity: string;
	readonly refresh: string | undefined;
}

/** What a session was opened to. */
export interface Opened {
	readonly sealed: SealedTokens;
	readonly header: Header;
	/** What the companions of the access cookie are sealed with. */
	readonly companion: string;
	readonly claims: UserClaims;
	readonly scopes: readonly string[];
}

/**
 * Keeps the sealed text of the tokens and opens it anew when they are asked for. Thousands of these
 * are alive at a time, and the sealed text is there anyway, as part of the header that the session
 * is found by; opened tokens would be 3 kB more of each.
 */
export class OpenedSession implements StoredSession {
	readonly id: string;
	readonly rotation: number;
	readonly sealedAt: number;
	readonly deadline: number;
	readonly accessTokenExpiresAt: number;
	readonly scopes: readonly string[];
	readonly claims: UserClaims;
	readonly #seal: SessionSeal;
	readonly #sealed: SealedTokens;
	readonly #companion: string;
	readonly #flags: number;

	constructor(seal: SessionSeal, opened: Opened) {
		const { sealed, header, companion, claims, scopes } = opened;
		this.id = header.id;
		this.rotation = header.rotation;
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
		return !(this.userinfoOmitted && this.rotation === 0);
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
