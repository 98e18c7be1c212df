import { primitives } from "#aead";
import type { MaybePromise } from "../crypto/aead.ts";
import type { KeyRing } from "../crypto/key-ring.ts";
import { KEY_ID_LENGTH } from "../crypto/key-ring.ts";
import { mergeClaims } from "../protocol/claims.ts";
import type { Tokens, UserClaims } from "../protocol/types.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import type { CookieNames } from "./cookie-names.ts";
import { packedJwtPayload, packToken } from "./token-packing.ts";

const VERSION = 1;
export const SESSION_ID_BYTES = 16;
const SEAL_OVERHEAD_BYTES = 28;

export const HAS_REFRESH = 1;
export const HAS_ID_TOKEN = 2;
export const USERINFO_OMITTED = 4;
/**
 * Without an ID token: the claims that it had stand before those of userinfo. Cookies without this
 * have them all in one.
 */
export const CLAIMS_APART = 8;
/** What userinfo has said is older than the cookies. */
export const USERINFO_OLD = 16;
/**
 * Among the claims of userinfo there may be some that a former ID token had: the two cannot be told
 * apart.
 */
export const CLAIMS_MIXED = 32;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What seals and opens the sessions of one provider. */
export interface SessionSeal {
	readonly ring: KeyRing;
	readonly names: CookieNames;
}

export interface Header {
	readonly sealedAt: number;
	readonly deadline: number;
	readonly accessTokenExpiresAt: number;
	readonly rotation: number;
	readonly flags: number;
	/** Base64url. */
	readonly id: string;
}

/**
 * What the companions of an access cookie are sealed with: they open beside the one they were
 * written with only.
 */
export function companionContext(header: Header): string {
	return `${header.id}.${header.rotation}`; // proven: no-generation
}

export function contextOf(names: CookieNames, cookie: string, companion: string): string {
	return `${cookie} ${names.binding} ${companion}`; // proven: no-cookie-name-bound
}

export function openValue(
	{ ring, names }: SessionSeal,
	cookie: string,
	value: string | undefined,
	companion: string,
): MaybePromise<Uint8Array | undefined> {
	return value === undefined
		? undefined
		: ring.open("session", value, contextOf(names, cookie, companion));
}

/** Characters of a sealed text for so many bytes of plaintext. */
export function sealedLength(plaintextBytes: number): number {
	return KEY_ID_LENGTH + Math.ceil(((plaintextBytes + SEAL_OVERHEAD_BYTES) * 4) / 3);
}

export function writeAccess(header: Header, tokens: Tokens): Uint8Array {
	const { sealedAt, deadline, accessTokenExpiresAt, rotation, flags, id } = header;
	return (
		new ByteWriter()
			.varint(VERSION)
			.varint(sealedAt)
			// Times after the first as differences: half the bytes. Zigzag, because a provider may hand
			// out a token that has ended.
			.varint(deadline - sealedAt)
			.varint(zigzag(accessTokenExpiresAt - sealedAt))
			.varint(rotation)
			.varint(flags)
			.raw(idBytes(id))
			.block(packToken(tokens.accessToken))
			.raw(writeJson(tokens.extra))
			.finish()
	);
}

export function readHeader(reader: ByteReader): Header {
	if (reader.varint() !== VERSION) throw new RangeError("another version"); // proven: no-version
	const sealedAt = reader.varint();
	return {
		sealedAt,
		deadline: sealedAt + reader.varint(),
		accessTokenExpiresAt: sealedAt + unzigzag(reader.varint()),
		rotation: reader.varint(),
		flags: reader.varint(),
		id: primitives.toBase64url(reader.raw(SESSION_ID_BYTES)),
	};
}

export function readAccess(bytes: Uint8Array): { token: Uint8Array; extra: Uint8Array } {
	const reader = new ByteReader(bytes);
	readHeader(reader);
	return { token: reader.block(), extra: reader.rest() };
}

export interface ClaimSources {
	/** `undefined` in cookies that have all in one. */
	readonly signed: Record<string, unknown> | undefined;
	readonly beside: Record<string, unknown>;
}

export function readSources(bytes: Uint8Array, flags: number): ClaimSources {
	const reader = new ByteReader(bytes);
	const signed =
		(flags & HAS_ID_TOKEN) !== 0
			? packedJwtPayload(reader.block())
			: (flags & CLAIMS_APART) !== 0
				? readJson(reader.block())
				: undefined;
	return { signed, beside: readJson(reader.rest()) };
}

export function readClaims(bytes: Uint8Array, flags: number): UserClaims {
	const { signed, beside } = readSources(bytes, flags);
	if (!signed) return beside as UserClaims;
	const merged = mergeClaims(signed, beside);
	// Set beside the token by a renewal alone; what userinfo says of it is never kept.
	return merged.sid === undefined && typeof beside.sid === "string"
		? { ...merged, sid: beside.sid }
		: merged;
}

/** The scopes of most sessions are those of the last one: they are then the same list. */
let last: { readonly text: string; readonly scopes: readonly string[] } = { text: "", scopes: [] };

export function readScopes(bytes: Uint8Array): readonly string[] {
	const text = decoder.decode(bytes);
	if (text !== last.text) last = { text, scopes: Object.freeze(text.split(" ").filter(Boolean)) };
	return last.scopes;
}

/** JSON of an object; nothing at all for an empty one. */
export function writeJson(value: Readonly<Record<string, unknown>>): Uint8Array {
	return encoder.encode(Object.keys(value).length === 0 ? "" : JSON.stringify(value));
}

export function readJson(bytes: Uint8Array): Record<string, unknown> {
	return bytes.length === 0 ? {} : (JSON.parse(decoder.decode(bytes)) as Record<string, unknown>);
}

function idBytes(id: string): Uint8Array {
	const bytes = primitives.fromBase64url(id);
	if (bytes?.length !== SESSION_ID_BYTES) throw new TypeError("not the id of a session");
	return bytes;
}

function zigzag(value: number): number {
	return value < 0 ? -2 * value - 1 : 2 * value;
}

function unzigzag(value: number): number {
	return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}
