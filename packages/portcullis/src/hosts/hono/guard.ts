import type { Context } from "hono";
import type { Gate } from "../../app/gate.ts";
import { isPromise } from "../../base/maybe-promise.ts";
import type { PageAuthContext, Rule } from "../../guard/context.ts";
import type { AccessResult, AllowResult } from "../../guard/gate-request.ts";
import { isHandshake } from "../../guard/handshake.ts";
import type { UserClaims } from "../../protocol/types.ts";
import { holdSocket } from "../held-sockets.ts";
import { makePrivate } from "../outgoing.ts";
import { heldRaw } from "../raw-socket.ts";
import type { TakeDecision } from "./before-routing.ts";
import { handshakeSocket, nodeBindings, surviveBreaks } from "./bindings.ts";
import { HonoCall, LateCall } from "./call.ts";
import { type AnyHandler, type MatchedRoute, matchedRoutes } from "./internals.ts";
import type { KnownHandlers } from "./known-handlers.ts";
import { finishHeaders, replaceResponse } from "./reply.ts";
import { isAnsweredByTaggedRoute, isSameRoute } from "./same-route.ts";
import { noteCounted } from "./tags.ts";

/** What a tag has decided of a request, for the time until something answers it. */
interface TagDecision {
	tag: AnyHandler | undefined;
	result: AllowResult;
}

/** The middleware that stands before everything else of a protected app. */
export class Guard {
	readonly #gate: Gate<UserClaims>;
	readonly #known: KnownHandlers;
	readonly #takeDecision: TakeDecision;
	/**
	 * Variable of a request's context, of this guard alone: a `TagDecision`, where a tag has decided.
	 */
	readonly #decision = Symbol("portcullis.decision") as unknown as string;

	constructor(gate: Gate<UserClaims>, known: KnownHandlers, takeDecision: TakeDecision) {
		this.#gate = gate;
		this.#known = known;
		this.#takeDecision = takeDecision;
	}

	handle(c: Context, next: () => Promise<void>): Promise<Response | undefined> {
		const decided = this.#takeDecision(c.req.raw);
		if (decided) return this.#proceed(c, next, decided.call, decided.result);
		surviveBreaks(c.env);
		const call = this.#callFor(c, 0);
		const result = this.#gate.enter(call);
		return isPromise(result)
			? result.then((settled) => this.#proceed(c, next, call, settled))
			: this.#proceed(c, next, call, result);
	}

	/**
	 * Called as a handler of a tagged route hands its request on. What comes next was not what the
	 * tag spoke of, so that it is decided about before it runs: to withhold its answer would not undo
	 * what it has done.
	 *
	 * @param index The handler's place among the matched routes.
	 */
	async forward(c: Context, index: number, next: () => Promise<void>): Promise<void> {
		const decision = c.get(this.#decision) as TagDecision | undefined;
		if (!decision?.result.decidedByTag) return next(); // proven: hand-on
		const routes = matchedRoutes(c);
		const following = routes[index + 1];
		if (following === undefined || isSameRoute(following, routes[index])) return next();
		const call = this.#callFor(c, index + 1);
		const result = await this.#gate.enter(call);
		if (result.kind === "respond") return replaceResponse(c, result.response);
		decision.tag = call.tag;
		decision.result = result;
		c.set("user", result.user);
		if (call.tag) noteCounted(c, call.tag);
		this.#hold(c, call, result);
		await next();
	}

	/** See `TagGuard`. */
	async pass(
		c: Context,
		rule: Rule<PageAuthContext>,
		next: () => Promise<void>,
	): Promise<Response | undefined> {
		const call = new LateCall(c.req.raw, c.env, this.#known, rule); // proven: late-rule
		const result = await this.#gate.enter(call);
		if (result.kind === "respond") return result.response;
		c.set("user", result.user);
		this.#hold(c, call, result);
		await next();
		return finishHeaders(c, result);
	}

	/** @param from Routes before this place have run. */
	#callFor(c: Context, from: number): HonoCall {
		return new HonoCall(
			c.req.raw,
			c.env,
			this.#known,
			() => matchedRoutes(c).slice(from) as unknown as MatchedRoute[],
		);
	}

	/** Of a handshake: what comes of it must not outlive what it was let in by. */
	#hold(c: Context, call: HonoCall, result: AllowResult): void {
		const socket = handshakeSocket(c.env);
		if (socket) holdSocket(this.#gate, call, result, heldRaw(socket));
	}

	#proceed(
		c: Context,
		next: () => Promise<void>,
		call: HonoCall,
		result: AccessResult,
	): Promise<Response | undefined> {
		if (result.kind !== "allow") return Promise.resolve(result.response);
		c.set("user", result.user);
		const { tag } = call;
		if (tag !== undefined) noteCounted(c, tag);
		this.#hold(c, call, result);
		if (!result.decidedByTag) {
			if (!result.isPrivate) return next() as Promise<undefined>;
			const { outgoing } = nodeBindings(c.env);
			if (outgoing) {
				makePrivate(outgoing, result);
				return next() as Promise<undefined>;
			}
		}
		return this.#finish(c, next, { tag, result });
	}

	async #finish(c: Context, next: () => Promise<void>, decision: TagDecision): Promise<undefined> {
		c.set(this.#decision, decision);
		await next();
		// Middleware on the way, such as a file server, may have answered in place of the route whose
		// tag decided. What it wrote then needs the default rule.
		const isSettled = !decision.result.decidedByTag || isAnsweredByTaggedRoute(c, decision.tag);
		const settled = isSettled
			? decision.result
			: await this.#gate.enter(new HonoCall(c.req.raw, c.env));
		if (settled.kind === "allow") return finishHeaders(c, settled);
		replaceResponse(c, settled.response);
		// The app may have accepted a handshake already, before this answer replaces its own.
		const { method, headers } = c.req.raw;
		// proven: withheld-handshake
		if (isHandshake({ method, header: (name) => headers.get(name) }))
			handshakeSocket(c.env)?.destroy();
	}
}
