import type { AuditReason } from "../../audit/audit.ts";
import { auditReason } from "../../audit/audit-reasons.ts";
import { createErrorId } from "../../audit/log.ts";
import { isPortcullisError } from "../../base/errors.ts";
import type { ConnectedProvider } from "../../config/runtime.ts";
import { isOwnScript } from "../../guard/forms.ts";
import { toErrorCode } from "../../protocol/provider-text.ts";
import type { LeftOut, Tokens } from "../../protocol/types.ts";
import type { SetCookie } from "../../session/cookies.ts";
import { writeOutageGrace } from "../../session/outage-grace.ts";
import { MAX_REDIRECT_COUNT_BYTES } from "../../session/redirect-count.ts";
import { refreshAhead, tokensOf } from "../../session/refresh-session.ts";
import type { StoredSession } from "../../session/stored-session.ts";
import type { RefreshAnswer } from "../../wire/session-answer.ts";
import { denyForged, denyLogged, denyQuietly, logRefusal } from "../answers/refuse.ts";
import { jsonResponse } from "../answers/render.ts";
import { sessionAnswer } from "../answers/session-answer.ts";
import type { Exchange } from "../exchange.ts";
import { detailsOf } from "../sessions/audit-details.ts";
import type { Identity } from "../sessions/identity.ts";
import type { HeldSession } from "../sessions/session-manager.ts";
import type { SharedRefreshes } from "../sessions/shared-refreshes.ts";

/**
 * What a refresh came to is handed to others who ask with the same cookies for so long: their
 * tokens are spent. Milliseconds.
 */
const OUTCOME_TTL = 20_000;
/** And so long, if it came to nothing. Milliseconds. */
const PAUSE_AFTER_FAILURE = 1000;
/** When a browser may try again while the provider is down. Seconds. */
const RETRY_AFTER = 30;
/**
 * Sessions that have ended are known for so long, for refreshes that are still under way.
 * Milliseconds.
 */
const ENDED_TTL = 120_000;

/** What one refresh came to. */
type Outcome =
	| {
			readonly kind: "renewed";
			readonly cookies: readonly SetCookie[];
			/** As it is now; unknown where another process has renewed it. */
			readonly session?: StoredSession;
			/** Where this process has renewed it: has the provider take the new tokens back. */
			readonly revoke?: () => Promise<unknown>;
	  }
	| { readonly kind: "refused" }
	| {
			readonly kind: "failed";
			readonly cookies: readonly SetCookie[];
			/** Until when the session outlives its access token. Seconds since the epoch. */
			readonly until: number;
			readonly isAlive: boolean;
			/** Of the line in the log. */
			readonly errorId: string | undefined;
	  };

/**
 * `POST refresh`: refreshes the tokens of a session. In one process a session's tokens are spent
 * once, no matter how many requests ask for it, and so they are in several processes on one store.
 * That processes that share nothing do not spend them twice is up to the browser, which sends one
 * refresh at a time.
 */
export class RefreshRoutes {
	readonly #outageGrace: number;
	readonly #shared: SharedRefreshes | undefined;
	readonly #running = new Map<string, { readonly outcome: Promise<Outcome>; until: number }>();
	readonly #ended = new Map<string, number>();

	/**
	 * @param outageGrace seconds.
	 * @param shared where there are other processes on the same store.
	 */
	constructor(outageGrace: number, shared: SharedRefreshes | undefined) {
		this.#outageGrace = outageGrace;
		this.#shared = shared;
	}

	/**
	 * A session has ended: a refresh of it that is under way must not bring it back. The tokens that
	 * a refresh brought a moment ago are revoked: the request that ended the session may have known
	 * only the tokens before them.
	 */
	sessionEnded(id: string, now: number): void {
		for (const [key, { outcome }] of this.#running) {
			if (!key.startsWith(`${id}.`)) continue;
			this.#running.delete(key);
			void outcome.then((known) => known.kind === "renewed" && known.revoke?.()).catch(() => {});
		}
		for (const [known, until] of this.#ended) if (until <= now) this.#ended.delete(known);
		this.#ended.set(id, now + ENDED_TTL);
	}

	async answer(exchange: Exchange): Promise<Response> {
		const { gate, runtime, call, origin } = exchange;
		if (!isOwnScript(call.header, origin)) return denyForged(exchange); // proven: refresh-csrf
		const [newest, ...others] = await gate.identities.openAll(runtime, call.header("cookie"));
		const found = newest?.isOver ? (others.find(({ isOver }) => !isOver) ?? newest) : newest;
		if (!found) return denyQuietly("login_required", { status: 401, title: "Sign in to do this" });
		const { session } = found;
		// proven: renewed-after-logout
		if (this.#hasEnded(exchange, found)) return this.#deny(exchange, found);
		if (
			session.accessTokenExpiresAt - exchange.now > refreshAhead(session) ||
			!session.hasRefreshToken
		) {
			// Another tab was first; or there is nothing to renew with, and the session lasts as long as
			// its access token.
			return tell(await exchange.identity(), [], false);
		}
		const outcome = await this.#once(exchange, found);
		switch (outcome.kind) {
			case "renewed":
				// proven: told-after-logout
				if (this.#hasEnded(exchange, found)) return this.#deny(exchange, found);
				return tell(await identityOf(exchange, found, outcome), outcome.cookies, true);
			case "refused":
				return this.#deny(exchange, found);
			case "failed": {
				if (outcome.isAlive) {
					const grace = outcome.cookies.length > 0 ? outcome.until : 0;
					const identity = await gate.identities.admit(found.connected, session, grace);
					return tell(identity, outcome.cookies, false);
				}
				const headers = { "Retry-After": String(RETRY_AFTER) };
				return denyLogged("provider_unreachable", { status: 503, headers }, outcome.errorId);
			}
		}
	}

	/**
	 * True once the person has signed out, here or at the provider, while the refresh was under way.
	 */
	#hasEnded({ gate }: Exchange, { session, connected }: HeldSession): boolean {
		return this.#ended.has(session.id) || gate.identities.isSessionRevoked(connected, session);
	}

	/** Folds refreshes of one generation of one session into one. */
	#once(exchange: Exchange, held: HeldSession): Promise<Outcome> {
		const { gate } = exchange;
		const { session } = held;
		const now = gate.platform.now();
		for (const [key, { until }] of this.#running) if (until <= now) this.#running.delete(key);
		const key = `${session.id}.${session.rotation}`;
		const known = this.#running.get(key);
		if (known) return known.outcome; // proven: refresh-twice
		const refresh = () => this.#refresh(exchange, held);
		const outcome = this.#shared
			? this.#shared.once<Outcome>(held, {
					refresh,
					cookiesOf,
					outcomeOf: (cookies) => ({ kind: "renewed", cookies }),
					busy: async (cause) => this.#failed(exchange, held, cause),
				})
			: refresh();
		const entry = { outcome, until: Number.POSITIVE_INFINITY };
		this.#running.set(key, entry);
		const keep = (milliseconds: number) => {
			entry.until = gate.platform.now() + milliseconds;
		};
		// A failure is to be tried again; but not by every tab at once.
		entry.outcome.then(
			({ kind }) => keep(kind === "failed" ? PAUSE_AFTER_FAILURE : OUTCOME_TTL),
			() => keep(0),
		);
		return entry.outcome;
	}

	async #refresh(exchange: Exchange, held: HeldSession): Promise<Outcome> {
		const { gate, runtime } = exchange;
		const { session, connected } = held;
		const { provider } = connected;
		const requestCookies = exchange.requestCookies;
		try {
			const tokens = await tokensOf(session);
			// Before the refresh token is spent: afterwards nothing may be left that can fail.
			const { userinfoEndpoint } = await provider.metadata();
			const result = await provider.refresh({ tokens, claims: session.claims });
			if (result.outcome === "refused") {
				const seen = "The provider has ended the session";
				const reason = result.error === undefined ? undefined : toErrorCode(result.error);
				logRefusal(exchange, { code: "login_required", seen, provider: provider.name, reason });
				gate.sessions.end(held);
				await auditRefresh(exchange, held, "refresh_refused");
				return { kind: "refused" };
			}
			for (const leftOut of result.leftOut ?? []) logLeftOut(exchange, connected, leftOut);
			if (this.#hasEnded(exchange, held)) {
				// Logged out meanwhile: the tokens that the provider has just handed out belong to no
				// session.
				await gate.sessions.discard(connected, result.tokens);
				await auditRefresh(exchange, held, "session_ended");
				return { kind: "refused" };
			}
			const renewed = await gate.sessions
				.refresh(
					held,
					result,
					{ runtime, requestCookies, otherBytes: MAX_REDIRECT_COUNT_BYTES },
					userinfoEndpoint !== undefined,
				)
				.catch((cause: unknown) => this.#cannotKeep(exchange, held, result.tokens, cause));
			if (!renewed) return { kind: "refused" };
			await auditRefresh(exchange, held, undefined);
			return {
				kind: "renewed",
				cookies: renewed.cookies,
				session: renewed.session,
				revoke: () => gate.sessions.discard(connected, result.tokens),
			};
		} catch (cause) {
			const failed = await this.#failed(exchange, held, cause);
			await auditRefresh(exchange, held, "refresh_failed", failed.errorId);
			return failed;
		}
	}

	/**
	 * The new tokens cannot be kept, and the old ones are spent: the session ends, and the new tokens
	 * are revoked, so that they are of no use to anyone.
	 */
	async #cannotKeep(
		exchange: Exchange,
		held: HeldSession,
		tokens: Tokens,
		cause: unknown,
	): Promise<undefined> {
		const { gate } = exchange;
		const { connected } = held;
		const { provider } = connected;
		const seen = "The renewed session cannot be kept; it has ended";
		const code = isPortcullisError(cause) ? cause.code : "internal_error";
		const reason = isPortcullisError(cause) ? cause.reason : undefined;
		const entry = { level: "error", code, seen, provider: provider.name, reason, cause } as const;
		const id = logRefusal(exchange, entry);
		gate.sessions.end(held);
		await gate.sessions.discard(connected, tokens);
		await auditRefresh(exchange, held, auditReason(code), id);
	}

	/**
	 * The provider is down: the person stays signed in for a while, though the access token has
	 * ended.
	 */
	async #failed(
		exchange: Exchange,
		held: HeldSession,
		cause: unknown,
	): Promise<Outcome & { kind: "failed" }> {
		const { session, connected } = held;
		const until = Math.min(session.accessTokenExpiresAt + this.#outageGrace, session.deadline);
		const isAlive = until > exchange.now;
		const known = isPortcullisError(cause) ? cause : undefined;
		const errorId = logRefusal(exchange, {
			level: "error",
			code: known?.code ?? "internal_error",
			seen: isAlive
				? "The session could not be renewed; it goes on for now"
				: "The session could not be renewed; it is of no use until it can be, for its access token and outageGrace have ended",
			...{ provider: connected.provider.name, reason: known?.reason, cause },
		});
		const cookies =
			isAlive && this.#outageGrace > 0 ? [await writeOutageGrace(connected, session, until)] : [];
		return { kind: "failed", cookies, until, isAlive, errorId };
	}

	#deny(exchange: Exchange, held: HeldSession): Response {
		const { gate } = exchange;
		const { session, connected } = held;
		this.sessionEnded(session.id, gate.platform.now());
		const cookies = gate.sessions.clear(connected, exchange.requestCookies);
		return denyQuietly("login_required", { status: 401, title: "Sign in to do this", cookies });
	}
}

/** The session as it is with the new cookies. */
async function identityOf(
	{ gate }: Exchange,
	{ connected }: HeldSession,
	{ session, cookies }: Outcome & { kind: "renewed" },
): Promise<Identity | undefined> {
	const renewed = session ?? (await gate.sessions.read(connected, cookies));
	return renewed && gate.identities.admit(connected, renewed);
}

function tell(
	identity: Identity | undefined,
	cookies: readonly SetCookie[],
	renewed: boolean,
): Response {
	const answer: RefreshAnswer = { session: sessionAnswer(identity), renewed };
	return jsonResponse(answer, cookies);
}

/** The session goes on without it: the log line tells why a claim is old. */
function logLeftOut(
	exchange: Exchange,
	{ provider }: ConnectedProvider,
	{ what, error }: LeftOut,
): void {
	const { gate } = exchange;
	gate.platform.log({
		level: "warning",
		code: isPortcullisError(error) ? error.code : "internal_error",
		message:
			what === "id_token"
				? "The ID token of a renewal could not be verified; the claims of the one before go on"
				: "Userinfo could not be fetched at a renewal; what it said before goes on",
		id: createErrorId(),
		provider: provider.name,
		...(isPortcullisError(error) && error.reason !== undefined ? { reason: error.reason } : {}),
		cause: error,
	});
}

/** One record for the refresh, and one for the session if that is its end. */
async function auditRefresh(
	{ gate }: Exchange,
	held: HeldSession,
	reason: AuditReason | undefined,
	errorId?: string,
): Promise<void> {
	const { audit } = gate;
	if (!audit) return;
	const details = { ...detailsOf(held), reason, errorId };
	await audit.emit("token_refresh", reason === undefined ? "success" : "failure", details);
	if (reason !== undefined && reason !== "refresh_failed" && reason !== "session_ended")
		await audit.emit("session_expired", "success", details);
}

/**
 * Only the cookies of a successful refresh are shared. Each process finds out about a refusal or
 * failure itself.
 */
function cookiesOf(outcome: Outcome): readonly SetCookie[] | undefined {
	return outcome.kind === "renewed" ? outcome.cookies : undefined;
}
