import { StateError } from "../base/errors.ts";
import { trimSpace } from "../base/http-space.ts";
import { isPromise } from "../base/maybe-promise.ts";
import { isOwnScript } from "../guard/forms.ts";
import type { User } from "../session/user.ts";
import { sessionHeaders } from "../session/write-headers.ts";
import type { Caller } from "../state/caller.ts";
import type { EventRefusal } from "../state/dispatch.ts";
import {
	type Dispatched,
	type Hydrated,
	type OnceRequest,
	type StateService,
	storeRefusal,
} from "../state/state-service.ts";
import type { SessionAnswer } from "../wire/session-answer.ts";
import { type HydrateRequest, LINES_TYPE, type PageDecision, type Snapshot, type StateProblem } from "../wire/state.ts";
import { type BearerIdentity, INSUFFICIENT_SCOPE, INVALID_TOKEN } from "./bearer.ts";
import { refuseBearer } from "./bearer-refusals.ts";
import type { GateContext } from "./gate-context.ts";
import type { HostCall } from "./host-call.ts";
import { HydrateLimit } from "./hydrate-limit.ts";
import { type Identity, nextInOrder } from "./identity.ts";
import { readText } from "./read-body.ts";
import { refreshRequired } from "./refusals.ts";
import { refuse, refuseForged, where } from "./refuse.ts";
import type { Runtime } from "./runtime.ts";
import { sessionAnswer } from "./session-answer.ts";
import { parseEvent, parseHydrate, parseOnce, parseStream } from "./state-requests.ts";
import { refuseTokenForStepUp, stepUpOf, stepUpProblem } from "./step-up.ts";

/** Largest body of a request about state, in bytes. Files are uploaded to routes of the app. */
const MAX_BODY = 262_144;
const NO_COOKIES = [] as const;

/** Says whether somebody may open a path, for navigations that happen in the browser. `undefined` for what is no path of the app. */
export type DecidePage = (path: string, identity: Identity | undefined) => Promise<PageDecision | undefined>;

/** The endpoints of server state: all of them POST, for our own script alone. */
export class StateRoutes {
	readonly #gate: GateContext;
	readonly #service: StateService;
	readonly #hydrates: HydrateLimit;

	constructor(gate: GateContext, service: StateService) {
		this.#gate = gate;
		this.#hydrates = new HydrateLimit(gate.platform.now);
		this.#service = service;
	}

	/** Values, events and session for one tab; and, if it names a path, whether it may go there. */
	async hydrate(runtime: Runtime, call: HostCall, origin: string, decidePage: DecidePage): Promise<Response> {
		const byToken = await this.#openByToken(runtime, call, parseHydrate);
		if (byToken) return byToken instanceof Response ? byToken : this.#hydrateOnce(call, byToken);
		const opened = await this.#open(runtime, call, origin, parseHydrate);
		if (opened instanceof Response) return opened;
		const { identity, body } = opened;
		const caller = callerOf(this.#gate, call, identity);
		const retryAfter = this.#hydrates.take(caller);
		if (retryAfter !== undefined) return tooManyHydrates(this.#gate, call, retryAfter);
		const page = body.path === undefined ? undefined : await decidePage(body.path, identity);
		if (body.path !== undefined && !page)
			return this.#refuse(call, { ...BODY_INVALID, message: "A path was asked about that is none of the app" });
		try {
			const hydrated = await this.#service.hydrate(runtime.ring, caller, body.client, body.states);
			return new Response(snapshotText(hydrated, await this.#session(runtime, call, identity), page), {
				headers: JSON_HEADERS,
			});
		} catch (error) {
			return this.#refuseStore(call, error);
		}
	}

	/** Runs an event and answers with lines. */
	async event(runtime: Runtime, call: HostCall, origin: string): Promise<Response> {
		if (this.#gate.bearer) {
			const byToken = await this.#openByToken(runtime, call, parseOnce);
			if (byToken) return byToken instanceof Response ? byToken : this.#eventOnce(call, byToken);
		}
		const opened = await this.#open(runtime, call, origin, parseEvent);
		if (opened instanceof Response) return opened;
		const caller = callerOf(this.#gate, call, opened.identity);
		const dispatching = this.#service.dispatch(runtime.ring, caller, opened.body);
		const dispatched = isPromise(dispatching) ? await dispatching : dispatching;
		const wanted = dispatched.kind === "refused" ? stepUpOf(dispatched.refusal.cause) : undefined;
		if (wanted && opened.identity && !opened.identity.connected.isEmbedded)
			return stepUpProblem(this.#gate, runtime, opened.identity, wanted);
		return this.#answerEvent(call, dispatched);
	}

	#answerEvent(call: HostCall, dispatched: Dispatched): Response {
		switch (dispatched.kind) {
			case "refused":
				return this.#refuse(call, dispatched.refusal);
			case "done":
				return new Response(dispatched.text, { headers: WHOLE_HEADERS });
			case "lines":
				return new Response(streamOf(dispatched.lines), { headers: LINE_HEADERS });
		}
	}

	/** Opens the browser's stream. */
	async stream(runtime: Runtime, call: HostCall, origin: string): Promise<Response> {
		const opened = await this.#open(runtime, call, origin, parseStream);
		if (opened instanceof Response) return opened;
		const body = await this.#service.stream(
			runtime.ring,
			callerOf(this.#gate, call, opened.identity),
			opened.body.clients,
		);
		return new Response(body, { headers: LINE_HEADERS });
	}

	/** What a server puts into the first page. */
	async snapshot(
		runtime: Runtime,
		call: HostCall,
		identity: Identity | undefined,
		states: readonly string[] | undefined,
	): Promise<Snapshot> {
		const hydrated = await this.#service.hydrate(runtime.ring, callerOf(this.#gate, call, identity), undefined, states);
		return JSON.parse(snapshotText(hydrated, await this.#session(runtime, call, identity), undefined));
	}

	/** Who the browser is; and whether a session has ended by itself, which is no reason to forget what was typed. */
	async #session(runtime: Runtime, call: HostCall, identity: Identity | undefined): Promise<SessionAnswer> {
		if (identity || !(await this.#gate.identities.hasExpired(runtime, call.header("cookie"))))
			return sessionAnswer(identity);
		return { signedIn: false, expired: true };
	}

	async #hydrateOnce(call: HostCall, { identity, body }: OpenedByToken<HydrateRequest>): Promise<Response> {
		if (body.client !== undefined || body.path !== undefined)
			return this.#refuse(call, {
				...BODY_INVALID,
				message: "A program asked for what only a tab has: a client, or a path",
			});
		const caller = callerOf(this.#gate, call, identity);
		const { delta, types } = await this.#service.hydrateOnce(caller, body.states);
		const events = Object.fromEntries(types.map(({ name, eventInfo }) => [name, eventInfo]));
		return new Response(`${delta.slice(0, -1)},"events":${JSON.stringify(events)}}`, { headers: JSON_HEADERS });
	}

	async #eventOnce(call: HostCall, { identity, body }: OpenedByToken<OnceRequest>): Promise<Response> {
		const dispatched = await this.#service.dispatchOnce(callerOf(this.#gate, call, identity), body);
		const wanted = dispatched.kind === "refused" ? stepUpOf(dispatched.refusal.cause) : undefined;
		if (wanted) return refuseTokenForStepUp(wanted);
		const answer = this.#answerEvent(call, dispatched);
		// RFC 6750 section 3: why a program was refused is in a header too.
		if (answer.status === 403) answer.headers.set("WWW-Authenticate", INSUFFICIENT_SCOPE);
		if (answer.status === 401) answer.headers.set("WWW-Authenticate", INVALID_TOKEN);
		return answer;
	}

	/** For a program: its access token, then the body. `undefined` for a request without one. */
	async #openByToken<T>(
		runtime: Runtime,
		call: HostCall,
		parse: (body: unknown) => T | undefined,
	): Promise<OpenedByToken<T> | Response | undefined> {
		const { bearer } = this.#gate;
		const token = bearer?.tokenOf(call);
		if (!bearer || token === undefined) return undefined;
		const outcome = await bearer.identify(runtime, token);
		if (outcome.kind === "refused") return refuseBearer(this.#gate, call, outcome.refusal, "event_handler");
		const body = await this.#readBody(call, parse);
		return body instanceof Response ? body : { identity: outcome.identity, body };
	}

	/** Identity, then CSRF, then the body: in this order, and all of them before anything else. */
	async #open<T>(
		runtime: Runtime,
		call: HostCall,
		origin: string,
		parse: (body: unknown) => T | undefined,
	): Promise<{ identity: Identity | undefined; body: T } | Response> {
		const resolved = this.#gate.identities.resolve(runtime, call.header("cookie"));
		const identity = isPromise(resolved) ? await resolved : resolved;
		// proven: no-state-csrf
		if (!isOwnScript(call.header, origin)) {
			return refuseForged(this.#gate, call, origin);
		}
		// Nothing is run for a session that has to be renewed first: as an anonymous request it would do something else.
		// proven: events-for-stale-sessions
		if (
			!identity &&
			(await this.#gate.identities.openStored(runtime, call.header("cookie")))?.session.hasRefreshToken
		) {
			return refreshRequired();
		}
		const body = await this.#readBody(call, parse);
		return body instanceof Response ? body : { identity, body };
	}

	async #readBody<T>(call: HostCall, parse: (body: unknown) => T | undefined): Promise<T | Response> {
		const type = trimSpace(call.header("content-type")?.split(";", 1)[0] ?? "").toLowerCase();
		// proven: any-content-type
		if (type !== "application/json")
			return this.#refuse(call, { ...BODY_INVALID, status: 415, message: "A request about state was not JSON" });
		const text = await readText(call.request(), MAX_BODY);
		if (text === undefined) {
			return this.#refuse(call, {
				status: 413,
				code: "body_too_large",
				title: "The request is too large",
				message: `A request about state had more than ${MAX_BODY} bytes, or broke off`,
			});
		}
		const body = parse(parseJson(text));
		return body ?? this.#refuse(call, { ...BODY_INVALID, message: "A request about state was not understood" });
	}

	#refuse(call: HostCall, refusal: EventRefusal): Response {
		const { status, code, title, issues, retryAfter, message, reason, cause } = refusal;
		const headers: Record<string, string> = retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) };
		const more = issues && ({ issues } satisfies Partial<StateProblem>);
		return refuse(this.#gate, call, {
			...{ status, code, title, headers, seen: message, reason, cause },
			...(more ? { more } : {}),
		});
	}

	#refuseStore(call: HostCall, error: unknown): Response {
		if (!(error instanceof StateError)) throw error;
		const refused = storeRefusal(error);
		if (refused.kind !== "refused") throw error;
		return this.#refuse(call, refused.refusal);
	}
}

/** A request of a program that was judged by its access token. */
interface OpenedByToken<T> {
	readonly identity: BearerIdentity;
	readonly body: T;
}

const BODY_INVALID = { status: 400, code: "body_invalid", title: "The request is not understood" } as const;
const COMMON_HEADERS = { "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin" };
const JSON_HEADERS = sessionHeaders({ "Content-Type": "application/json", ...COMMON_HEADERS }, NO_COOKIES);
/** Of lines that are all there. */
const WHOLE_HEADERS = sessionHeaders({ "Content-Type": LINES_TYPE, ...COMMON_HEADERS }, NO_COOKIES);
/** Of lines as they come: `X-Accel-Buffering` keeps nginx from holding them back. */
const LINE_HEADERS = sessionHeaders(
	{ "Content-Type": LINES_TYPE, "X-Accel-Buffering": "no", ...COMMON_HEADERS },
	NO_COOKIES,
);

const encoder = new TextEncoder();

/** Who makes the request, as far as server state needs to know. */
export function callerOf(gate: GateContext, call: HostCall, identity: Identity | BearerIdentity | undefined): Caller {
	if (identity && "session" in identity) return new SessionCaller(gate, call, identity);
	return {
		// Of a program nothing is kept: with each request it is somebody whom no client belongs to yet.
		owner: identity ? `bearer ${crypto.randomUUID()}` : "",
		user: identity?.user,
		expiresAt: identity?.expiresAt ?? Number.POSITIVE_INFINITY,
		order: nextInOrder(),
		request: call.request(),
		now: gate.platform.now,
		address: gate.findCounted(call),
	};
}

/** A person with a session. A stream looks at it for an hour: claims that have changed meanwhile count from its next look on. */
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

	constructor(gate: GateContext, call: HostCall, identity: Identity) {
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

	/** Newer claims are as good as a newer request: they win against what a request before has brought. */
	get order(): number {
		return Math.max(this.#order, this.#identity.changedAt);
	}
}

function tooManyHydrates(gate: GateContext, call: HostCall, retryAfter: number): Response {
	const headers = { "Retry-After": String(retryAfter) };
	const seen = `${where(call)} came once more from an address that asks for more than people do`;
	return refuse(gate, call, { status: 429, code: "too_many_requests", title: "Too many requests", headers, seen });
}

/** A person is issuer and subject (OpenID Connect Core 1.0 section 5.7). An issuer is a URL, and has no space. */
function personKey({ issuer, sub }: User): string {
	return `${issuer} ${sub}`;
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
