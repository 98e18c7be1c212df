import { KEY_ID_LENGTH } from "../crypto/key-ring.ts";

/**
 * Characters of the sealed access cookie that find an entry: its random nonce and the first bytes
 * of ciphertext.
 */
const KEY_LENGTH = 24;
/**
 * What an entry costs besides its header: claims, objects, map. Measured with twenty groups among
 * the claims.
 */
const ENTRY_OVERHEAD_BYTES = 2048;

/**
 * Finds what was opened from a request's cookies before, without opening them again.
 *
 * An entry is found by 24 characters out of the sealed access cookie and then compared with the
 * whole `Cookie` header, or, where other cookies have changed, with all of ours. Hashing the whole
 * header instead costs more than decrypting it. Bounded by bytes: two generations of entries, the
 * older one dropped when the younger is full.
 */
export class IdentityCache<T> {
	readonly #maxBytes: number;
	#young = new Map<string, Entry<T>>();
	#old = new Map<string, Entry<T>>();
	#youngBytes = 0;

	/** @param maxBytes About how much memory the entries may take. */
	constructor(maxBytes: number) {
		this.#maxBytes = maxBytes;
	}

	/** The value kept for exactly this header. */
	find(key: string | undefined, header: string): T | undefined {
		const entry = key === undefined ? undefined : this.#lookUp(key);
		return entry !== undefined && entry.header === header ? entry.value : undefined; // proven: any-header
	}

	/**
	 * The value kept for these cookies of ours. Other cookies of the header do not count.
	 *
	 * @param isSame Whether the header that a value was kept for has the same cookies of ours, each
	 *   of them to the last character. What they are is not kept beside the header: seldom is it
	 *   asked for, and it would make every entry larger.
	 */
	findByCookies(
		key: string | undefined,
		isSame: (kept: string, value: T) => boolean,
	): T | undefined {
		const entry = key === undefined ? undefined : this.#lookUp(key);
		return entry !== undefined && isSame(entry.header, entry.value) ? entry.value : undefined;
	}

	/**
	 * Keeps what a header stands for; a header that was kept for the same session before is
	 * forgotten.
	 */
	keep(key: string | undefined, header: string, value: T): void {
		if (key !== undefined) this.#insert(key, { header, value });
	}

	#lookUp(key: string): Entry<T> | undefined {
		const young = this.#young.get(key);
		if (young !== undefined) return young;
		const old = this.#old.get(key);
		if (old !== undefined) {
			this.#old.delete(key);
			this.#insert(key, old);
		}
		return old;
	}

	#insert(key: string, entry: Entry<T>): void {
		const bytes = bytesOf(entry);
		const replaced = this.#young.get(key);
		if (replaced) this.#youngBytes -= bytesOf(replaced);
		if (this.#youngBytes + bytes > this.#maxBytes / 2) {
			this.#old = this.#young;
			this.#young = new Map();
			this.#youngBytes = 0;
		}
		this.#young.set(key, entry);
		this.#youngBytes += bytes;
	}
}

/**
 * The characters of a header that find its entry; `undefined` where there are none.
 *
 * @param accessCookie Name of the access cookie.
 */
export function cacheKey(header: string, accessCookie: string): string | undefined {
	const at = header.indexOf(accessCookie);
	if (at < 0) return undefined;
	const equals = at + accessCookie.length;
	// "name=" or, for the first chunk, "name.0=".
	const start = header.charCodeAt(equals) === EQUALS ? equals + 1 : equals + 3;
	const key = header.slice(start + KEY_ID_LENGTH, start + KEY_ID_LENGTH + KEY_LENGTH);
	return key.length === KEY_LENGTH ? key : undefined;
}

interface Entry<T> {
	readonly header: string;
	readonly value: T;
}

function bytesOf({ header }: Entry<unknown>): number {
	// Twice, because a session reads its tokens from the header that it was opened from, and another
	// may have been kept since.
	return 2 * header.length + ENTRY_OVERHEAD_BYTES;
}

const EQUALS = 0x3d;
