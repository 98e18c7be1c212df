import type { Reading } from "../../base/read-bytes.ts";

/** Longest that a body may take to come in full. Milliseconds. Node has 300 s for it, and none over HTTP/2. */
const WITHIN = 30_000;
/** What all bodies that have not come in full may hold in this process. Of more, the one that began first is dropped. Bytes. */
const MOST = 67_108_864;

/** A body that is being read. */
export interface UnfinishedBody extends Reading {
	/** Resolves if it is dropped. */
	readonly dropped: Promise<undefined>;
	/** It has come, or nobody waits for it any more. */
	end(): void;
}

/** The bodies that are being read, of callers of whom nothing is known yet: anybody may begin many of them, and end none. */
export class UnfinishedBodies {
	readonly #within: number;
	readonly #most: number;
	/** The one that began first comes first. */
	readonly #bodies = new Set<Body>();
	#held = 0;

	constructor(within: number = WITHIN, most: number = MOST) {
		this.#within = within;
		this.#most = most;
	}

	begin(): UnfinishedBody {
		const body = new Body(
			this.#within,
			(bytes) => this.#hold(body, bytes),
			() => this.#forget(body),
		);
		this.#bodies.add(body);
		return body;
	}

	#hold(body: Body, bytes: number): void {
		this.#held += bytes - body.held;
		body.held = bytes;
		for (const oldest of this.#bodies) {
			if (this.#held <= this.#most) return; // proven: unfinished-bodies
			oldest.drop();
		}
	}

	#forget(body: Body): void {
		if (this.#bodies.delete(body)) this.#held -= body.held;
	}
}

class Body implements UnfinishedBody {
	held = 0;
	isDropped = false;
	cancel: (() => void) | undefined;
	readonly holds: (bytes: number) => void;
	readonly dropped: Promise<undefined>;
	readonly #onEnd: () => void;
	readonly #timer: ReturnType<typeof setTimeout>;
	#settle!: () => void;

	constructor(within: number, holds: (bytes: number) => void, onEnd: () => void) {
		this.holds = holds;
		this.#onEnd = onEnd;
		this.dropped = new Promise((resolve) => {
			this.#settle = () => resolve(undefined);
		});
		this.#timer = setTimeout(() => this.drop(), within); // proven: slow-bodies
		(this.#timer as { unref?(): void }).unref?.();
	}

	drop(): void {
		this.isDropped = true;
		this.end();
		this.cancel?.();
		this.#settle();
	}

	end(): void {
		clearTimeout(this.#timer);
		this.#onEnd();
	}
}

/** Those of this process. */
export const UNFINISHED: UnfinishedBodies = new UnfinishedBodies();
