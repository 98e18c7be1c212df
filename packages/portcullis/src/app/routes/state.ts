import { answerTo } from "../../base/error-table.ts";
import { StateError } from "../../base/errors.ts";
import { trimSpace } from "../../base/http-space.ts";
import { isPromise } from "../../base/maybe-promise.ts";
import { isOwnScript } from "../../guard/forms.ts";
import { sessionHeaders } from "../../session/write-headers.ts";
import { type Dispatched, type EventRefusal, storeRefusal } from "../../state/dispatch/refusals.ts";
import type { Hydrated } from "../../state/hydration.ts";
import type { OnceRequest, StateService } from "../../state/state-service.ts";
import type { SessionAnswer } from "../../wire/session-answer.ts";
import {
	type HydrateRequest,
	LINES_TYPE,
	type PageDecision,
	type Snapshot,
	type StateProblem,
} from "../../wire/state.ts";
import { denyBearer } from "../answers/bearer-refusals.ts";
import { refreshRequired } from "../answers/refusals.ts";
import { deny, denyForged, where } from "../answers/refuse.ts";
import { sessionAnswer } from "../answers/session-answer.ts";
import type { BearerAuthentication } from "../authorize/bearer.ts";
import { type BearerIdentity, INSUFFICIENT_SCOPE, INVALID_TOKEN } from "../authorize/bearer.ts";
import { callerOf, personKey } from "../authorize/caller.ts";
import type { Exchange } from "../exchange.ts";
import type { GateContext } from "../gate-context.ts";
import type { Identity } from "../sessions/identity.ts";
import { HydrateLimit } from "./hydrate-limit.ts";
import { readText } from "./read-body.ts";
import { parseEvent, parseHydrate, parseOnce, parseStream } from "./state-requests.ts";
import { denyTokenForStepUp, stepUpOf, stepUpProblem } from "./step-up.ts";

/** Largest body of a request about state, in bytes. Files are uploaded to routes of the app. */
const MAX_BODY = 262_144;
const NO_COOKIES = [] as const;

/**
 * Says whether the caller may open a path, for navigations that happen in the browser. `undefined`
 * for what is no path of the app.
 */
export type DecidePage = (
	path: string,
	identity: Identity | undefined,
) => Promise<PageDecision | undefined>;

/** The endpoints of server state: all of them POST, for our own script alone. */
export class StateRoutes {
	readonly #bearer: BearerAuthentication | undefined;
	readonly #service: StateService;
	readonly #hydrates: HydrateLimit;

	constructor(gate: GateContext, service: StateService) {
		this.#bearer = gate.bearer;
		this.#hydrates = new HydrateLimit(gate.platform.now);
		this.#service = service;
	}

	/** Values, events and session for one tab; and, if it names a path, whether it may go there. */
	async hydrate(exchange: Exchange, decidePage: DecidePage): Promise<Response> {
		const { runtime } = exchange;
		const byToken = await this.#openByToken(exchange, parseHydrate);
		if (byToken)
			return byToken instanceof Response ? byToken : this.#hydrateOnce(exchange, byToken);
		const opened = await this.#open(exchange, parseHydrate);
		if (opened instanceof Response) return opened;
		const { identity, body } = opened;
		const caller = callerOf(exchange, identity);
		const retryAfter = this.#hydrates.take(caller);
		if (retryAfter !== undefined) return tooManyHydrates(exchange, retryAfter);
		const page = body.path === undefined ? undefined : await decidePage(body.path, identity);
		if (body.path !== undefined && !page)
			return this.#deny(exchange, {
				...BODY_INVALID,
				message: "A path was asked about that is none of the app",
			});
		try {
			const hydrated = await this.#service.hydrate(runtime.ring, caller, body.client, body.states);
			return new Response(snapshotText(hydrated, await this.#session(exchange, identity), page), {
				headers: JSON_HEADERS,
			});
		} catch (error) {
			return this.#denyStore(exchange, error);
		}
	}

	/** Runs an event and answers with lines. */
	async event(exchange: Exchange): Promise<Response> {
		const { runtime } = exchange;
		if (this.#bearer) {
			const byToken = await this.#openByToken(exchange, parseOnce);
			if (byToken)
				return byToken instanceof Response ? byToken : this.#eventOnce(exchange, byToken);
		}
		const opened = await this.#open(exchange, parseEvent);
		if (opened instanceof Response) return opened;
		const caller = callerOf(exchange, opened.identity);
		const dispatching = this.#service.dispatch(runtime.ring, caller, opened.body);
		const dispatched = isPromise(dispatching) ? await dispatching : dispatching;
		const wanted = dispatched.kind === "refused" ? stepUpOf(dispatched.refusal.cause) : undefined;
		if (wanted && opened.identity && !opened.identity.connected.isEmbedded)
			return stepUpProblem(exchange, opened.identity, wanted);
		return this.#handleEvent(exchange, dispatched);
	}

	#handleEvent(exchange: Exchange, dispatched: Dispatched): Response {
		switch (dispatched.kind) {
			case "refused":
				return this.#deny(exchange, dispatched.refusal);
			case "done":
				return new Response(dispatched.text, { headers: WHOLE_HEADERS });
			case "lines":
				return new Response(streamOf(dispatched.lines), { headers: LINE_HEADERS });
		}
	}

	/** Opens the browser's stream. */
	async stream(exchange: Exchange): Promise<Response> {
		const { runtime } = exchange;
		const opened = await this.#open(exchange, parseStream);
		if (opened instanceof Response) return opened;
		const body = await this.#service.stream(
			runtime.ring,
			callerOf(exchange, opened.identity),
			opened.body.clients,
		);
		return new Response(body, { headers: LINE_HEADERS });
	}

	/** What a server puts into the first page. */
	async snapshot(exchange: Exchange, states: readonly string[] | undefined): Promise<Snapshot> {
		const identity = await exchange.identity();
		const { runtime } = exchange;
		const hydrated = await this.#service.hydrate(
			runtime.ring,
			callerOf(exchange, identity),
			undefined,
			states,
		);
		return JSON.parse(snapshotText(hydrated, await this.#session(exchange, identity), undefined));
	}

	/**
	 * Who the browser is; and whether a session has ended by itself, which is no reason to forget
	 * what was typed.
	 */
	async #session(exchange: Exchange, identity: Identity | undefined): Promise<SessionAnswer> {
		const { runtime, call } = exchange;
		if (identity || !(await exchange.gate.identities.hasExpired(runtime, call.header("cookie"))))
			return sessionAnswer(identity);
		return { signedIn: false, expired: true };
	}

	async #hydrateOnce(
		exchange: Exchange,
		{ identity, body }: OpenedByToken<HydrateRequest>,
	): Promise<Response> {
		if (body.client !== undefined || body.path !== undefined)
			return this.#deny(exchange, {
				...BODY_INVALID,
				message: "A program asked for what only a tab has: a client, or a path",
			});
		const caller = callerOf(exchange, identity);
		// Each request of a program is another owner: its token's subject is what is the same.
		const retryAfter = this.#hydrates.take({
			owner: `program ${personKey(identity.user)}`,
			address: caller.address,
		});
		if (retryAfter !== undefined) return tooManyHydrates(exchange, retryAfter); // proven: hydrates-of-program
		const { delta, types } = await this.#service.hydrateOnce(caller, body.states);
		const events = Object.fromEntries(types.map(({ name, eventInfo }) => [name, eventInfo]));
		return new Response(`${delta.slice(0, -1)},"events":${JSON.stringify(events)}}`, {
			headers: JSON_HEADERS,
		});
	}

	async #eventOnce(
		exchange: Exchange,
		{ identity, body }: OpenedByToken<OnceRequest>,
	): Promise<Response> {
		const dispatched = await this.#service.dispatchOnce(callerOf(exchange, identity), body);
		const wanted = dispatched.kind === "refused" ? stepUpOf(dispatched.refusal.cause) : undefined;
		if (wanted) return denyTokenForStepUp(wanted);
		const answer = this.#handleEvent(exchange, dispatched);
		// RFC 6750 section 3: why a program was refused is in a header too.
		if (answer.status === 403) answer.headers.set("WWW-Authenticate", INSUFFICIENT_SCOPE);
		if (answer.status === 401) answer.headers.set("WWW-Authenticate", INVALID_TOKEN);
		return answer;
	}

	/** For a program: its access token, then the body. `undefined` for a request without one. */
	async #openByToken<T>(
		exchange: Exchange,
		parse: (body: unknown) => T | undefined,
	): Promise<OpenedByToken<T> | Response | undefined> {
		const { runtime, call } = exchange;
		const bearer = this.#bearer;
		const token = bearer?.tokenOf(call);
		if (!bearer || token === undefined) return undefined;
		const outcome = await bearer.identify(runtime, token);
		if (outcome.kind === "refused") return denyBearer(exchange, outcome.refusal, "event_handler");
		const body = await this.#readBody(exchange, parse);
		return body instanceof Response ? body : { identity: outcome.identity, body };
	}

	/** Identity, then CSRF, then the body: in this order, and all of them before anything else. */
	async #open<T>(
		exchange: Exchange,
		parse: (body: unknown) => T | undefined,
	): Promise<{ identity: Identity | undefined; body: T } | Response> {
		const { runtime, call, origin } = exchange;
		const resolved = exchange.identity();
		const identity = isPromise(resolved) ? await resolved : resolved;
		// proven: no-state-csrf
		if (!isOwnScript(call.header, origin)) {
			return denyForged(exchange);
		}
		// Nothing is run for a session that has to be renewed first: as an anonymous request it would
		// do something else.
		// proven: events-for-stale-sessions
		if (
			!identity &&
			(await exchange.gate.identities.openStored(runtime, call.header("cookie")))?.session
				.hasRefreshToken
		) {
			return refreshRequired();
		}
		const body = await this.#readBody(exchange, parse);
		return body instanceof Response ? body : { identity, body };
	}

	async #readBody<T>(
		exchange: Exchange,
		parse: (body: unknown) => T | undefined,
	): Promise<T | Response> {
		const { call } = exchange;
		const type = trimSpace(call.header("content-type")?.split(";", 1)[0] ?? "").toLowerCase();
		// proven: any-content-type
		if (type !== "application/json")
			return this.#deny(exchange, {
				...BODY_INVALID,
				status: 415,
				message: "A request about state was not JSON",
			});
		const text = await readText(call.request(), MAX_BODY);
		if (text === undefined) {
			return this.#deny(exchange, {
				...answerTo("body_too_large"),
				message: `A request about state had more than ${MAX_BODY} bytes, or broke off`,
			});
		}
		const body = parse(parseJson(text));
		return (
			body ??
			this.#deny(exchange, {
				...BODY_INVALID,
				message: "A request about state was not understood",
			})
		);
	}

	#deny(exchange: Exchange, refusal: EventRefusal): Response {
		const { status, code, title, issues, retryAfter, message, reason, cause } = refusal;
		const headers: Record<string, string> =
			retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) };
		const more = issues && ({ issues } satisfies Partial<StateProblem>);
		return deny(exchange, {
			...{ status, code, title, headers, seen: message, reason, cause },
			...(more ? { more } : {}),
		});
	}

	#denyStore(exchange: Exchange, error: unknown): Response {
		if (!(error instanceof StateError)) throw error;
		const refused = storeRefusal(error);
		if (refused.kind !== "refused") throw error;
		return this.#deny(exchange, refused.refusal);
	}
}

/** A request of a program that was judged by its access token. */
interface OpenedByToken<T> {
	readonly identity: BearerIdentity;
	readonly body: T;
}

const BODY_INVALID = answerTo("body_invalid");
const COMMON_HEADERS = {
	"X-Content-Type-Options": "nosniff",
	"Cross-Origin-Resource-Policy": "same-origin",
};
const JSON_HEADERS = sessionHeaders(
	{ "Content-Type": "application/json", ...COMMON_HEADERS },
	NO_COOKIES,
);
/** Of lines that are all there. */
const WHOLE_HEADERS = sessionHeaders({ "Content-Type": LINES_TYPE, ...COMMON_HEADERS }, NO_COOKIES);
/** Of lines as they come: `X-Accel-Buffering` keeps nginx from holding them back. */
const LINE_HEADERS = sessionHeaders(
	{ "Content-Type": LINES_TYPE, "X-Accel-Buffering": "no", ...COMMON_HEADERS },
	NO_COOKIES,
);

const encoder = new TextEncoder();

function tooManyHydrates(exchange: Exchange, retryAfter: number): Response {
	const { call } = exchange;
	const headers = { "Retry-After": String(retryAfter) };
	const seen = `${where(call)} came once more from an address that asks for more than people do`;
	return deny(exchange, {
		status: 429,
		code: "too_many_requests",
		title: "Too many requests",
		headers,
		seen,
	});
}

function snapshotText(
	{ client, epoch, delta, types }: Hydrated,
	session: SessionAnswer,
	page: PageDecision | undefined,
): string {
	const events = Object.fromEntries(types.map(({ name, eventInfo }) => [name, eventInfo]));
	const rest = JSON.stringify({ client, epoch, events, session, ...(page ? { page } : {}) });
	return `${delta.slice(0, -1)},${rest.slice(1)}`;
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function streamOf(lines: AsyncIterable<string>): ReadableStream<Uint8Array> {
	const iterator = lines[Symbol.asyncIterator]();
	return new ReadableStream({
		async pull(controller) {
			const { done, value } = await iterator.next();
			if (done) controller.close();
			else controller.enqueue(encoder.encode(value));
		},
		// What the event does goes on: it was begun, and its outcome is remembered.
		async cancel() {
			await iterator.return?.();
		},
	});
}
