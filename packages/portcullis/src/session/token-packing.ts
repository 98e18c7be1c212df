import { primitives } from "#aead";
import { ByteReader, ByteWriter } from "./bytes.ts";

/** Segments shorter than this are kept as text: nothing is gained by undoing their base64. */
const MIN_ENCODED_LENGTH = 8;
/** A JWE has five parts; a token with more dots than this is kept as one piece of text. */
const MAX_SEGMENTS = 16;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Undoes the base64url of a token's dot-separated segments, so that base64url after sealing brings
 * it back to about its own length. Works for JWS, JWE and the many opaque tokens of that shape;
 * every other text comes back just the same.
 */
export function packToken(token: string): Uint8Array {
	const segments = token.split(".");
	const writer = new ByteWriter();
	if (segments.length > MAX_SEGMENTS)
		return writer.varint(1).varint(0).block(encoder.encode(token)).finish();
	writer.varint(segments.length);
	for (const segment of segments) {
		const bytes =
			segment.length >= MIN_ENCODED_LENGTH ? primitives.fromBase64url(segment) : undefined;
		writer.varint(bytes ? 1 : 0).block(bytes ?? encoder.encode(segment));
	}
	return writer.finish();
}

/** The token that `packToken` was given. Throws `RangeError` for anything that it did not write. */
export function unpackToken(packed: Uint8Array): string {
	return readSegments(packed)
		.map(({ encoded, bytes }) => (encoded ? primitives.toBase64url(bytes) : decoder.decode(bytes)))
		.join(".");
}

/**
 * The payload of a packed JWT, without putting the token together again; `undefined` if it is not
 * one.
 */
export function packedJwtPayload(packed: Uint8Array): Record<string, unknown> | undefined {
	const reader = new ByteReader(packed);
	if (reader.varint() < 2) return undefined;
	reader.varint();
	reader.skipBlock();
	if (reader.varint() !== 1) return undefined;
	const claims: unknown = JSON.parse(decoder.decode(reader.block()));
	return typeof claims === "object" && claims !== null
		? (claims as Record<string, unknown>)
		: undefined;
}

function readSegments(packed: Uint8Array): { encoded: boolean; bytes: Uint8Array }[] {
	const reader = new ByteReader(packed);
	const count = reader.varint();
	if (count > MAX_SEGMENTS) throw new RangeError("too many segments");
	return Array.from({ length: count }, () => ({
		encoded: reader.varint() === 1,
		bytes: reader.block(),
	}));
}

/** The payload of a JWT that was verified before it was sealed. */
export function jwtPayload(jwt: string): Record<string, unknown> {
	const payload = packedJwtPayload(packToken(jwt));
	if (!payload) throw new RangeError("not a JWT");
	return payload;
}
