import type { User } from "../../session/user.ts";
import type { Caller } from "../../state/caller.ts";
import type { Exchange } from "../exchange.ts";
import type { GateContext } from "../gate-context.ts";
import { type Identity, nextInOrder } from "../sessions/identity.ts";
import type { BearerIdentity } from "./bearer.ts";

/** Who makes the request, as far as server state needs to know. */
export function callerOf(
	exchange: Exchange,
	identity: Identity | BearerIdentity | undefined,
): Caller {
	const { gate, call } = exchange;
	if (identity && "session" in identity) return new SessionCaller(exchange, identity);
	return {
		// Nothing is kept for a program: each request gets a new owner, to whom no tab belongs yet.
		owner: identity ? `bearer ${crypto.randomUUID()}` : "",
		user: identity?.user,
		expiresAt: identity?.expiresAt ?? Number.POSITIVE_INFINITY,
		order: nextInOrder(),
		request: call.request(),
		now: gate.platform.now,
		address: gate.findCounted(call),
	};
}

/**
 * A person with a session. A stream looks at it for an hour: claims that have changed meanwhile
 * count from its next look on.
 */
class SessionCaller implements Caller {
	readonly owner: string;
	readonly person: string;
	readonly expiresAt: number;
	readonly isRevoked: () => boolean;
	readonly request: Request;
	readonly now: () => number;
	readonly address: string | undefined;
	readonly #gate: GateContext;
	readonly #identity: Identity;
	readonly #order = nextInOrder();

	constructor(exchange: Exchange, identity: Identity) {
		const { gate, call } = exchange;
		this.#gate = gate;
		this.#identity = identity;
		this.owner = identity.session.id;
		this.person = personKey(identity.user);
		this.expiresAt = identity.expiresAt;
		this.isRevoked = () => gate.identities.isRevoked(identity);
		this.request = call.request();
		this.now = gate.platform.now;
		this.address = gate.findCounted(call);
	}

	get user(): User {
		return this.#gate.identities.latest(this.#identity); // proven: claims-of-a-stream
	}

	/**
	 * Newer claims are as good as a newer request: they win against what a request before has
	 * brought.
	 */
	get order(): number {
		return Math.max(this.#order, this.#identity.changedAt);
	}
}

/**
 * A person is issuer and subject (OpenID Connect Core 1.0 section 5.7). An issuer is a URL, and has
 * no space.
 */
export function personKey({ issuer, sub }: User): string {
	return `${issuer} ${sub}`;
}
