import type { Reading } from "../../base/read-bytes.ts";

/**
 * Longest that a body may take to come in full. Milliseconds. Node has 300 s for it, and none over
 * HTTP/2.
 */
const WITHIN = 30_000;
/**
 * What all bodies that have not come in full may hold in this process. Of more, the one that began
 * first is dropped. Bytes.
 */
const MOST = 67_108_864;

/** A body that is being read. */
export interface UnfinishedBody extends Reading {
	/** It has come, or its reading has been given up. */
	end(): void;
}

/**
 * The bodies that are being read, of callers of whom nothing is known yet: any caller may begin
 * many of them, and end none. One timer serves for all: every event begins a body, and ends it at
 * once.
 */
export class UnfinishedBodies {
	readonly #within: number;
	readonly #most: number;
	/** The one that began first comes first. */
	readonly #bodies = new Set<Body>();
	#held = 0;
	#isWaiting = false;

	constructor(within: number = WITHIN, most: number = MOST) {
		this.#within = within;
		this.#most = most;
	}

	begin(): UnfinishedBody {
		const body = new Body(this, Date.now() + this.#within);
		this.#bodies.add(body);
		if (!this.#isWaiting) this.#wait(this.#within);
		return body;
	}

	/** A body holds so many bytes now. */
	hold(body: Body, bytes: number): void {
		this.#held += bytes - body.held;
		body.held = bytes;
		for (const oldest of this.#bodies) {
			if (this.#held <= this.#most) return; // proven: unfinished-bodies
			oldest.drop();
		}
	}

	forget(body: Body): void {
		if (this.#bodies.delete(body)) this.#held -= body.held;
	}

	#wait(milliseconds: number): void {
		this.#isWaiting = true;
		const timer = setTimeout(() => this.#dropLate(), milliseconds);
		(timer as { unref?(): void }).unref?.();
	}

	#dropLate(): void {
		this.#isWaiting = false;
		for (const body of this.#bodies) {
			const left = body.deadline - Date.now();
			if (left > 0) {
				this.#wait(left);
				return;
			}
			body.drop(); // proven: slow-bodies
		}
	}
}

class Body implements UnfinishedBody {
	held = 0;
	isDropped = false;
	cancel: (() => void) | undefined;
	/** Milliseconds since the epoch. */
	readonly deadline: number;
	readonly #all: UnfinishedBodies;

	constructor(all: UnfinishedBodies, deadline: number) {
		this.#all = all;
		this.deadline = deadline;
	}

	holds(bytes: number): void {
		this.#all.hold(this, bytes);
	}

	drop(): void {
		this.isDropped = true;
		this.end();
		this.cancel?.();
	}

	end(): void {
		this.#all.forget(this);
	}
}

/** Those of this process. */
export const UNFINISHED: UnfinishedBodies = new UnfinishedBodies();
