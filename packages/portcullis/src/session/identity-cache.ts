import { KEY_ID_LENGTH } from "../crypto/key-ring.ts";

/** Characters of the sealed access cookie that find an entry: its random nonce and the first bytes of ciphertext. */
const KEY_LENGTH = 24;
/** What an entry costs besides its texts: objects, claims, map. A rough figure on the safe side. */
const ENTRY_OVERHEAD_BYTES = 2048;

/**
 * Finds what was opened from a request's cookies before, without opening them again.
 *
 * An entry is found by 24 characters out of the sealed access cookie and then compared with the whole `Cookie` header, or, where
 * other cookies have changed, with all of ours. Hashing the whole header instead costs more than decrypting it.
 * Bounded by bytes: two generations of entries, the older one dropped when the younger is full.
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

	/** The value kept for exactly this header. `accessCookie` is the name of the access cookie, to find the key in the header. */
	find(header: string, accessCookie: string): T | undefined {
		const key = keyIn(header, accessCookie);
		const entry = key === undefined ? undefined : this.#lookUp(key);
		return entry !== undefined && entry.header === header ? entry.value : undefined;
	}

	/** The value kept for these cookies of ours, whatever else is in the header. */
	findByCookies(header: string, accessCookie: string, ours: string): T | undefined {
		const key = keyIn(header, accessCookie);
		const entry = key === undefined ? undefined : this.#lookUp(key);
		return entry !== undefined && entry.ours === ours ? entry.value : undefined;
	}

	/** Keeps what a header stands for; a header that was kept for the same session before is forgotten. */
	keep(header: string, accessCookie: string, ours: string, value: T): void {
		const key = keyIn(header, accessCookie);
		if (key !== undefined) this.#insert(key, { header, ours, value });
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

interface Entry<T> {
	readonly header: string;
	readonly ours: string;
	readonly value: T;
}

function bytesOf({ header, ours }: Entry<unknown>): number {
	return header.length + ours.length + ENTRY_OVERHEAD_BYTES;
}

function keyIn(header: string, accessCookie: string): string | undefined {
	const at = header.indexOf(accessCookie);
	if (at < 0) return undefined;
	const equals = at + accessCookie.length;
	// "name=" or, for the first chunk, "name.0=".
	const start = header.charCodeAt(equals) === EQUALS ? equals + 1 : equals + 3;
	const key = header.slice(start + KEY_ID_LENGTH, start + KEY_ID_LENGTH + KEY_LENGTH);
	return key.length === KEY_LENGTH ? key : undefined;
}

const EQUALS = 0x3d;
