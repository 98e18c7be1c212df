import type { RequestCookies } from "./cookies.ts";

/** Most that browsers keep of one cookie, name included (RFC 6265bis section 5.6). */
export const MAX_COOKIE_BYTES = 4096;
/** Most chunks of one value. What a client sends beyond that is not even counted. */
export const MAX_CHUNKS = 4;

/**
 * Splits a value into cookies of at most 4,096 bytes with their name: `name`, or `name.0` to
 * `name.3`. `undefined` if it needs more.
 */
export function splitIntoChunks(
	name: string,
	value: string,
): { name: string; value: string }[] | undefined {
	if (name.length + 1 + value.length <= MAX_COOKIE_BYTES) return [{ name, value }];
	const size = MAX_COOKIE_BYTES - name.length - 3;
	const count = Math.ceil(value.length / size);
	if (count > MAX_CHUNKS) return undefined; // proven: too-many-chunks-written
	return Array.from({ length: count }, (_, i) => ({
		name: `${name}.${i}`,
		value: value.slice(i * size, (i + 1) * size),
	}));
}

/**
 * Puts the chunks of a value together. How many there are is never taken from the client: a gap, a
 * chunk too many, or both spellings at once is no value, and chunks of two generations fail to
 * open.
 */
export function joinChunks(requestCookies: RequestCookies, name: string): string | undefined {
	const whole = requestCookies.get(name);
	const present = chunkNames(requestCookies, name);
	if (whole !== undefined) return present.length === 0 ? whole : undefined; // proven: chunks-and-whole
	if (present.length < 2 || present.length > MAX_CHUNKS) return undefined; // proven: many-chunks, one-chunk
	let value = "";
	for (let i = 0; i < present.length; i++) {
		const chunk = requestCookies.get(`${name}.${i}`);
		if (chunk === undefined) return undefined; // proven: chunk-gap
		value += chunk;
	}
	return value;
}

/**
 * Chunks of one value that are found in a jar, stale ones included: more were never written, and
 * are not deleted either.
 */
const MAX_FOUND = 8;

/**
 * Every cookie of the jar that belongs to this name: the whole one, chunks, and stale chunks; eight
 * at most.
 */
export function namesOf(requestCookies: RequestCookies, name: string): string[] {
	return requestCookies.has(name)
		? [name, ...chunkNames(requestCookies, name)]
		: chunkNames(requestCookies, name);
}

function chunkNames(requestCookies: RequestCookies, name: string): string[] {
	const prefix = `${name}.`;
	const names: string[] = [];
	for (const key of requestCookies.keys()) {
		if (key.startsWith(prefix)) names.push(key);
		if (names.length === MAX_FOUND) break; // proven: chunks-found
	}
	return names;
}
