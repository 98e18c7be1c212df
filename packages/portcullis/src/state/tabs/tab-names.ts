import { isPromise } from "../../base/maybe-promise.ts";
import type { MaybePromise } from "../../crypto/aead.ts";
import type { KeyRing } from "../../crypto/key-ring.ts";

/** A tab as its sealed name says. */
export interface NamedTab {
	readonly id: string;
	/** Session id of the one that the name was sealed for; empty for an anonymous one. */
	readonly owner: string;
}

/** Names that were opened lately: the same one comes with every event. */
const MAX_REMEMBERED = 10_000;
const MAX_NAME = 512;
const CONTEXT = "client";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Seals and opens the names that browsers know their tabs by: a browser can name no tab but those
 * that it was given.
 */
export class TabNames {
	readonly #opened = new Map<string, NamedTab>();

	async seal(ring: KeyRing, id: string, owner: string): Promise<string> {
		const name = await ring.seal("client", encoder.encode(`${id}.${owner}`), CONTEXT);
		this.#remember(name, { id, owner });
		return name;
	}

	/** `undefined` for a name that was not sealed here, or with keys that are gone. */
	open(ring: KeyRing, name: string): MaybePromise<NamedTab | undefined> {
		const known = this.#opened.get(name);
		if (known) return known;
		if (name.length > MAX_NAME) return undefined; // proven: long-names
		const opened = ring.open("client", name, CONTEXT); // proven: unsealed-names
		return isPromise(opened)
			? opened.then((bytes) => this.#read(name, bytes))
			: this.#read(name, opened);
	}

	#read(name: string, bytes: Uint8Array | undefined): NamedTab | undefined {
		if (!bytes) return undefined;
		const text = decoder.decode(bytes);
		const dot = text.indexOf(".");
		const named = { id: text.slice(0, dot), owner: text.slice(dot + 1) };
		this.#remember(name, named);
		return named;
	}

	#remember(name: string, named: NamedTab): void {
		if (this.#opened.size >= MAX_REMEMBERED) {
			const [oldest] = this.#opened.keys();
			if (oldest !== undefined) this.#opened.delete(oldest);
		}
		this.#opened.set(name, named);
	}
}
