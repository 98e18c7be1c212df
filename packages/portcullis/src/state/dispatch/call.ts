import type { GetState } from "../../guard/context.ts";
import type { User } from "../../session/user.ts";
import type { Toast } from "../../wire/state.ts";
import type { Caller } from "../caller.ts";
import type { EventCall } from "../surfaces.ts";
import type { TabState } from "../tabs/tab-state.ts";

const LOCAL_BASE = "http://app.invalid";
const MAX_TOASTS = 10;

type AnyCall = EventCall<User | undefined, unknown>;

/** The one object that a handler gets, and the effects that the handler has asked it for. */
export class HandlerCall implements AnyCall {
	readonly input: unknown;
	readonly user: User | undefined;
	readonly request: Request;
	readonly #tab: TabState;
	readonly #makeSignal: () => AbortSignal;
	#signal: AbortSignal | undefined;
	#toasts: Toast[] | undefined;
	#redirect: string | undefined;
	#logout = false;

	/** @param makeSignal Called when the handler first asks for its signal. */
	constructor(input: unknown, caller: Caller, tab: TabState, makeSignal: () => AbortSignal) {
		this.input = input;
		this.user = caller.user;
		this.request = caller.request;
		this.#tab = tab;
		this.#makeSignal = makeSignal;
	}

	get signal(): AbortSignal {
		this.#signal ??= this.#makeSignal();
		return this.#signal;
	}

	// Functions that are bound to the call: handlers take them out of it. Each is made when it is
	// asked for, since most handlers need none.
	get toast(): AnyCall["toast"] {
		return (message, kind = "info") => {
			this.#toasts ??= [];
			if (this.#toasts.length < MAX_TOASTS)
				this.#toasts.push({ message: String(message).slice(0, 1000), kind });
		};
	}

	get redirect(): AnyCall["redirect"] {
		return (path, { external = false } = {}) => {
			const url = URL.parse(path, LOCAL_BASE);
			if (
				// proven: redirect-to-script
				!url ||
				!/^https?:$/.test(url.protocol) ||
				(!external && (url.origin !== LOCAL_BASE || !path.startsWith("/"))) // proven: redirect-anywhere
			)
				throw new TypeError(
					"redirect() takes a path of the app, such as /notes; for another site pass { external: true }",
				);
			this.#redirect = url.origin === LOCAL_BASE ? url.pathname + url.search + url.hash : url.href;
		};
	}

	get logout(): () => void {
		return () => {
			this.#logout = true;
		};
	}

	get getState(): GetState {
		return (state) => this.#tab.getState(state);
	}

	/**
	 * The outcome of a handler that has ended well.
	 *
	 * @param value What it returned, as JSON.
	 */
	outcome(value: string): string {
		let effects = "";
		if (this.#toasts) effects += `,"toasts":${JSON.stringify(this.#toasts)}`;
		if (this.#redirect !== undefined) effects += `,"redirect":${JSON.stringify(this.#redirect)}`;
		if (this.#logout) effects += ',"logout":true';
		return `{"status":"ok","value":${value}${effects}}`;
	}
}
