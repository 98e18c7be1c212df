import type { Gate } from "../app/gate.ts";
import { internalsOf } from "../app/gate-internals.ts";
import { shared } from "../base/copies.ts";
import { isPromise } from "../base/maybe-promise.ts";
import type { AccessResult, AllowResult, GateRequest } from "../guard/gate-request.ts";

/** An open WebSocket. */
export interface HeldSocket {
	/**
	 * Ends it, with a close code of WebSockets. From now on the app hears nothing of what still
	 * comes: a client may answer late, or go on talking instead.
	 */
	end(code: number, reason: string): void;
	/** Calls back once it is closed, by whomever. */
	onClose(listener: () => void): void;
}

/**
 * Close code for a session that has ended, from the range that is left to applications (RFC 6455
 * section 7.4.2): 401 among them.
 */
const SESSION_ENDED = 4401;
/** Close code of a server that stops (RFC 6455 section 7.4.1). */
const GOING_AWAY = 1001;
/**
 * How often it is asked whether a request like the handshake would still be let in. Milliseconds.
 */
const LOOK_AGAIN = 1000;

/** What is known of an open socket in a person's name. */
interface Held {
	readonly socket: HeldSocket;
	readonly call: GateRequest;
	readonly result: AllowResult;
	/** Id of its session, as soon as it is known; absent for a program with an access token. */
	session: string | undefined;
	isBusy: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: people and states may be of any type
type AnyGate = Gate<any, any>;

const open = new WeakMap<AnyGate, OpenSockets>();
/** How the sockets of a gate are ended, by any copy of the package. */
const ENDS = shared("hosts.sockets.1", () => new WeakMap<AnyGate, Set<() => void>>());

/**
 * Ends a socket as soon as a request like its handshake would not be let in any more, or only as an
 * anonymous one: the session has ended, here or elsewhere, its access token has, or a rule says no.
 * The client opens a new one with the cookies of then.
 *
 * An anonymous socket ends when the server stops.
 */
export function holdSocket(
	gate: AnyGate,
	call: GateRequest,
	result: AllowResult,
	socket: HeldSocket,
): void {
	const sockets = socketsOf(gate);
	sockets.track(socket);
	if (result.user !== undefined)
		sockets.add({ socket, call, result, session: undefined, isBusy: false });
}

/** Ends all sockets of a gate, and those that are still to come, because the server stops. */
export function endSockets(gate: AnyGate): void {
	socketsOf(gate);
	for (const end of ENDS.get(gate) ?? []) end();
}

function socketsOf(gate: AnyGate): OpenSockets {
	const known = open.get(gate);
	if (known) return known;
	const sockets = new OpenSockets(gate);
	open.set(gate, sockets);
	const ends = ENDS.get(gate) ?? new Set();
	ENDS.set(
		gate,
		ends.add(() => sockets.endAll()),
	);
	return sockets;
}

/** The open sockets of a gate. */
class OpenSockets {
	readonly #gate: AnyGate;
	readonly #held = new Set<Held>();
	/** All open sockets, anonymous ones too. */
	readonly #all = new Set<HeldSocket>();
	#isStopping = false;
	#timer: ReturnType<typeof setInterval> | undefined;

	constructor(gate: AnyGate) {
		this.#gate = gate;
		// At once where the end is heard of; what is not heard of is found by looking.
		internalsOf(gate)?.onSessionEnded((session) => {
			for (const held of [...this.#held]) if (held.session === session) this.#end(held);
		});
	}

	track(socket: HeldSocket): void {
		this.#all.add(socket);
		socket.onClose(() => this.#all.delete(socket));
		if (this.#isStopping) socket.end(GOING_AWAY, "server stops");
	}

	endAll(): void {
		this.#isStopping = true;
		for (const held of [...this.#held]) this.#remove(held);
		for (const socket of [...this.#all]) socket.end(GOING_AWAY, "server stops");
	}

	add(held: Held): void {
		this.#held.add(held);
		held.socket.onClose(() => this.#remove(held));
		this.#timer ??= setInterval(() => this.#lookAgain(), LOOK_AGAIN);
		// Where there are such timers: not to keep a process alive for.
		(this.#timer as { unref?: () => void }).unref?.();
		internalsOf(this.#gate)
			?.sessionOf(held.call)
			.then(
				(session) => {
					held.session = session;
				},
				() => this.#end(held),
			);
	}

	#lookAgain(): void {
		for (const held of [...this.#held]) {
			// A slow check is waited for, and a no all the same after two seconds.
			if (held.isBusy) continue;
			const result = this.#gate.enter(held.call);
			if (!isPromise(result)) {
				this.#judge(held, result);
				continue;
			}
			held.isBusy = true;
			void result.then((settled) => {
				held.isBusy = false;
				this.#judge(held, settled);
			});
		}
	}

	#judge(held: Held, now: AccessResult): void {
		const { user } = held.result;
		const isSame =
			now.kind === "allow" && now.user?.sub === user?.sub && now.user?.provider === user?.provider;
		if (!isSame) this.#end(held); // proven: socket-look-again
	}

	#end(held: Held): void {
		if (!this.#held.has(held)) return;
		this.#remove(held);
		held.socket.end(SESSION_ENDED, "session ended");
	}

	#remove(held: Held): void {
		this.#held.delete(held);
		if (this.#held.size > 0) return;
		clearInterval(this.#timer);
		this.#timer = undefined;
	}
}
