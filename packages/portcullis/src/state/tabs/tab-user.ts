import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { User } from "../../session/user.ts";
import type { Caller } from "../caller.ts";

/** The person who looks at the values of a tab, as the newest state of the session has it. */
export class TabUser {
	readonly signal: ReadonlySignal<User | undefined>;
	readonly #user: Signal<User | undefined> = signal(undefined);
	/**
	 * Another object that says the same of the person, so that two that look in turn are compared
	 * once: it took a third of what an event takes.
	 */
	#sameUser: User | undefined;
	#hasCaller = false;
	#lastExpiresAt = 0;
	#lastOrder = 0;

	constructor() {
		this.signal = this.#user;
	}

	/**
	 * Says who looks. All who look within one scope come with one and the same session, but not all
	 * with its newest state: a stream that was opened before the session was refreshed must not bring
	 * back the claims of then. Nor does the same person, read from the cookies twice, make values out
	 * of date: two that look in turn would have them worked out for ever.
	 */
	set({ user, expiresAt, order }: Pick<Caller, "user" | "expiresAt" | "order">): User | undefined {
		const known = this.#user.peek();
		const isKnown = known !== undefined && user !== undefined && this.#hasCaller;
		if (isKnown) {
			const isOlder =
				expiresAt < this.#lastExpiresAt ||
				(expiresAt === this.#lastExpiresAt && order < this.#lastOrder);
			if (isOlder) return known;
		}
		this.#hasCaller = true;
		this.#lastExpiresAt = expiresAt;
		this.#lastOrder = order;
		if (isKnown && (user === known || user === this.#sameUser)) return known;
		if (isKnown && JSON.stringify(user) === JSON.stringify(known)) {
			this.#sameUser = user;
			return known;
		}
		this.#sameUser = undefined;
		this.#user.value = user;
		return user;
	}
}
