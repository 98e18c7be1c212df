import { vi } from "vitest";
import { primitives } from "#aead";
import { memory, type StateStore } from "../../src/state.ts";

/** What one request made the process do. */
export interface Cost {
	/** Values that were opened with AES-GCM, whatever came of it. */
	openings: number;
	/** Signatures that were verified. */
	signatures: number;
	/** Requests to identity providers. */
	provider: number;
	/** Turns taken at the store, and records written or removed. */
	store: number;
	/** Lines in the log. */
	log: number;
	/** `Set-Cookie` headers of the answer. */
	cookies: number;
}

export type CostName = keyof Cost;

/** Counts what a gate does, by operations: how long they take is another matter. */
export interface Counter {
	readonly fetch: typeof fetch;
	readonly store: StateStore;
	readonly log: (entry: unknown) => void;
	/** What was done since the last call. */
	take(): Cost;
}

export function startCounting(): Counter {
	let cost = nothing();
	const { open } = primitives;
	vi.spyOn(primitives, "open").mockImplementation((...args) => {
		cost.openings++;
		return open(...args);
	});
	const verify = crypto.subtle.verify.bind(crypto.subtle);
	vi.spyOn(crypto.subtle, "verify").mockImplementation((...args: Parameters<typeof verify>) => {
		cost.signatures++;
		return verify(...args);
	});
	return {
		fetch: (input, init) => {
			cost.provider++;
			return fetch(input, init);
		},
		store: countingStore(memory(), () => cost.store++),
		log: () => {
			cost.log++;
		},
		take: () => {
			const taken = cost;
			cost = nothing();
			return taken;
		},
	};
}

function nothing(): Cost {
	return { openings: 0, signatures: 0, provider: 0, store: 0, log: 0, cookies: 0 };
}

function countingStore(store: StateStore, count: () => void): StateStore {
	return new Proxy(store, {
		get(target, name) {
			const member = Reflect.get(target, name, target) as unknown;
			if (typeof member !== "function") return member;
			return (...args: unknown[]) => {
				const result: unknown = member.apply(target, args);
				if (name !== "acquire") return result;
				count();
				return result instanceof Promise
					? result.then((lease) => countingLease(lease, count))
					: countingLease(result as object, count);
			};
		},
	});
}

function countingLease(lease: object, count: () => void): object {
	return new Proxy(lease, {
		get(target, name) {
			const member = Reflect.get(target, name, target) as unknown;
			if (typeof member !== "function") return member;
			return (...args: unknown[]) => {
				if (name === "commit" || name === "remove") count();
				return member.apply(target, args) as unknown;
			};
		},
	});
}
