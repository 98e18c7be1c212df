import type { LogEntry } from "../audit/log.ts";
import { PortcullisError } from "../base/errors.ts";
import { networkOf } from "../base/ip.ts";
import type { MaybePromise } from "../base/maybe-promise.ts";
import type { Runtime } from "../config/runtime.ts";
import type { GateRequest } from "../guard/gate-request.ts";
import { type RequestOrigin, requestOrigin } from "../guard/navigation.ts";
import { safeReturnTarget } from "../guard/return-target.ts";
import { parseCookies, type RequestCookies } from "../session/cookies.ts";
import type { Texts } from "../views/texts.ts";
import type { GateContext } from "./gate-context.ts";
import type { Identity } from "./sessions/identity.ts";

/** Longer than any network is written. Characters. */
const MAX_NETWORK = 64;
const MAX_ABOUT = 200;

/**
 * One request that the gate answers by itself, with what is known about it. Everything is read when
 * it is first asked for, and once. It says nothing about what was verified: no cookie is opened
 * before `identity`.
 */
export class Exchange {
	readonly gate: GateContext;
	readonly call: GateRequest;
	#requestCookies: RequestCookies | undefined;
	#navigation: RequestOrigin | undefined;
	#query: URLSearchParams | undefined;
	#origin: { readonly found: string | undefined } | undefined;

	constructor(gate: GateContext, call: GateRequest) {
		this.gate = gate;
		this.call = call;
	}

	/** Providers and keys. No route runs before they are loaded. */
	get runtime(): Runtime {
		const { current } = this.gate.loader;
		if (!current) throw new TypeError("The providers are not loaded yet");
		return current;
	}

	/** The app's origin as the browser sees it; `undefined` where the gate cannot tell. */
	get knownOrigin(): string | undefined {
		this.#origin ??= { found: this.gate.findOrigin(this.call) };
		return this.#origin.found;
	}

	/**
	 * The same for routes of browsers, which do not run without one.
	 *
	 * @throws {PortcullisError} `unknown_origin`.
	 */
	get origin(): string {
		const origin = this.knownOrigin;
		if (origin === undefined) throw new PortcullisError("unknown_origin", this.gate.unknownOrigin);
		return origin;
	}

	/** The cookies of the request that may be the gate's, sealed as they are. */
	get requestCookies(): RequestCookies {
		this.#requestCookies ??= parseCookies(this.call.header("cookie"));
		return this.#requestCookies;
	}

	/** Where the request comes from, as far as the browser says. */
	get navigation(): RequestOrigin {
		this.#navigation ??= requestOrigin(this.call.method, this.call.header);
		return this.#navigation;
	}

	get query(): URLSearchParams {
		this.#query ??= new URL(this.call.url).searchParams;
		return this.#query;
	}

	/** Path and query of the request, just as they stand in its URL. */
	get here(): string {
		return pathAndQuery(this.call.url);
	}

	/** Seconds since the epoch. */
	get now(): number {
		return Math.floor(this.gate.platform.now() / 1000);
	}

	/**
	 * Who asks, by verified cookies that have not expired or been revoked. Throws as
	 * `IdentityResolver.resolve`.
	 */
	identity(): MaybePromise<Identity | undefined> {
		return this.gate.identities.resolve(this.runtime, this.call.header("cookie"));
	}

	/**
	 * By the marker, which is no proof: Strict cookies do not come with a navigation that another
	 * site began; it does.
	 */
	get isProbablySignedIn(): boolean {
		return this.runtime.providers.some(({ names }) => this.requestCookies.has(names.sessionHint));
	}

	/** What pages say, in the person's language. */
	texts(): MaybePromise<Texts> {
		return this.gate.languages.textsFor(this.call);
	}

	/**
	 * Writes a line about the request, in the share of the network that it came from. See
	 * `LineWriter` for what it returns.
	 *
	 * @param about For mistakes of the app that only people who are signed in run into: each thing
	 *   has a share of its own.
	 */
	log(entry: LogEntry, about = ""): string | undefined {
		const network = networkOf(this.gate.findAddress(this.call) ?? "").slice(0, MAX_NETWORK);
		return this.gate.log(entry, about === "" ? network : `${network} ${about.slice(0, MAX_ABOUT)}`);
	}

	/**
	 * The return target that a request names, or `/`. The gate's own routes are none: `/logout` there
	 * would undo the login.
	 */
	returnTarget(target: string | null | undefined): string {
		const safe = safeReturnTarget(target, this.knownOrigin ?? "null");
		const path = safe.split(/[?#]/, 1)[0] ?? "/";
		return this.gate.ownRoute(path) ? "/" : safe;
	}
}

function pathAndQuery(url: string): string {
	const start = url.indexOf("/", url.indexOf("://") + 3);
	return start < 0 ? "/" : (url.slice(start).split("#", 1)[0] ?? "/");
}
