import type { AuditTrail } from "../../audit/audit.ts";
import type { LogEntry } from "../../audit/log.ts";
import { isPortcullisError, LoginError } from "../../base/errors.ts";
import { within } from "../../base/within.ts";
import { type ConnectedProvider, type Runtime, siblingsOf } from "../../config/runtime.ts";
import type { GateRequest } from "../../guard/gate-request.ts";
import { fitClaims } from "../../protocol/fit-claims.ts";
import type { LoginResult, RefreshResult, Tokens } from "../../protocol/types.ts";
import type { RequestCookies, SetCookie } from "../../session/cookies.ts";
import { openSession } from "../../session/open-session.ts";
import { refreshSession, tokensOf } from "../../session/refresh-session.ts";
import { clearSession, MAX_SESSION_AGE, sealSession } from "../../session/seal-session.ts";
import type { StoredSession } from "../../session/stored-session.ts";
import { detailsOf } from "./audit-details.ts";
import type { IdentityResolver } from "./identity.ts";
import type { RevocationCheck } from "./revocation-list.ts";

/** How long the end of a session waits for the provider to revoke its tokens. Milliseconds. */
const REVOCATION_TIMEOUT = 2000;

/** Reason of a login whose session the provider has ended before it was there. */
export const ENDED_MEANWHILE = "ended";

/** A session with the provider and the cookies that it belongs to. */
export interface HeldSession {
	readonly session: StoredSession;
	readonly connected: ConnectedProvider;
}

/** A session that has just been sealed. */
export interface NewSession extends HeldSession {
	/** To set, those of other sessions deleted. */
	readonly cookies: readonly SetCookie[];
}

/** The request that a session is sealed for. */
export interface SealFor {
	readonly runtime: Runtime;
	readonly call: GateRequest;
	readonly requestCookies: RequestCookies;
	/** Bytes of the gate's other cookies, which count against the budget as well. */
	readonly otherBytes: number;
}

/** The request that a login is completed by. */
export interface IssueFor extends SealFor {
	/**
	 * When the login came back. What the provider has ended since then is over. Seconds since the
	 * epoch.
	 */
	readonly began: number;
}

export interface SessionManagerOptions {
	/** Milliseconds since the epoch. */
	readonly now: () => number;
	/** Gives the entry its id. */
	readonly log: (entry: Omit<LogEntry, "id">) => void;
	readonly identities: IdentityResolver;
	readonly revocations: RevocationCheck;
	readonly audit: AuditTrail | undefined;
	/** Called with the id of a session that is over: its streams, events and refreshes end. */
	readonly onEnded: (sessionId: string) => void;
}

/**
 * Makes, renews, replaces and ends the sessions of one gate, and says which cookies go with that.
 * Nothing else of the gate seals a session, clears its cookies or calls it over.
 */
export class SessionManager {
	readonly #options: SessionManagerOptions;

	constructor(options: SessionManagerOptions) {
		this.#options = options;
	}

	/**
	 * Seals a completed login as a new session, and ends every session that the request has: of
	 * this provider and of all others.
	 *
	 * @returns the session, and the cookies to set, those of the replaced sessions deleted.
	 * @throws {PortcullisError} `cookies_too_large`, or `login_required` for a login that the
	 *   provider has ended meanwhile; before anything has ended.
	 * @throws {StateError} while the store does not answer, so that it is not known what has ended.
	 */
	async issue(
		connected: ConnectedProvider,
		login: LoginResult,
		target: IssueFor,
	): Promise<NewSession> {
		const { runtime, call, requestCookies, otherBytes, began } = target;
		await this.#denyEnded(connected, login, began);
		const { session, cookies } = await sealSession(connected, login, {
			now: this.#seconds(),
			began,
			requestCookies,
			otherBytes,
			canRefetchUserinfo: login.userinfo !== undefined,
		});
		await this.#endAll(runtime, call);
		return withoutSiblings({ session, connected, cookies }, runtime, requestCookies);
	}

	/**
	 * Ends every session that the request has, because another login begins.
	 *
	 * @returns the cookies to delete.
	 * @throws {StateError} as `issue` does.
	 */
	async leave(
		runtime: Runtime,
		call: GateRequest,
		requestCookies: RequestCookies,
	): Promise<SetCookie[]> {
		await this.#endAll(runtime, call);
		return clearAll(runtime.providers, requestCookies);
	}

	/**
	 * Seals a session anew with the tokens of a refresh: same id, same deadline, next generation.
	 *
	 * @returns the session as it is now, and the cookies to set.
	 * @param canRefetchUserinfo Whether the provider has a userinfo endpoint.
	 * @throws {PortcullisError} `cookies_too_large`, or `claims_invalid` and what else `parseClaims`
	 *   throws. The old tokens are spent then: end the session.
	 */
	async refresh(
		{ session, connected }: HeldSession,
		result: RefreshResult & { outcome: "refreshed" },
		target: Omit<SealFor, "call">,
		canRefetchUserinfo: boolean,
	): Promise<NewSession> {
		const { runtime, requestCookies, otherBytes } = target;
		const { identities } = this.#options;
		const renewed = await refreshSession(connected, session, result, {
			now: this.#seconds(),
			requestCookies,
			otherBytes,
			canRefetchUserinfo,
			userinfo: identities.userinfoSince(session),
		});
		// What userinfo says is not all there yet: it is looked at once it is.
		if (!renewed.session.userinfoOmitted)
			await fitClaims(connected.provider, renewed.session.claims); // proven: renewal-without-schema
		identities.renewed(session, result.userinfo);
		return withoutSiblings({ ...renewed, connected }, runtime, requestCookies);
	}

	/**
	 * The session that another process has renewed, by the cookies that came of it; `undefined` if
	 * they do not open here.
	 */
	read(
		connected: ConnectedProvider,
		cookies: readonly SetCookie[],
	): Promise<StoredSession | undefined> {
		const requestCookies = new Map(cookies.map(({ name, value }) => [name, value]));
		return openSession(connected, requestCookies, this.#seconds());
	}

	/**
	 * A session is over, for every copy of its cookies: in this process at once, and in all
	 * processes on one store. Its streams, background events and refreshes end with it.
	 */
	end({ session, connected }: HeldSession): void {
		this.#options.onEnded(session.id); // proven: streams-go-on
		this.#options.revocations.signOut(connected.names.revocation, session); // proven: copied-session
	}

	/** The cookies to delete for a session that is over. */
	clear({ names }: ConnectedProvider, requestCookies: RequestCookies): SetCookie[] {
		return clearSession(names, requestCookies);
	}

	/** The same for every session that a browser may have, in another site's frame too. */
	clearEvery({ providers, embedded }: Runtime, requestCookies: RequestCookies): SetCookie[] {
		return clearAll([...providers, ...embedded], requestCookies);
	}

	/**
	 * Asks the provider to revoke the tokens of a session that is over (RFC 7009). Best effort, for
	 * two seconds at most, and logged where it fails: here the session has ended either way.
	 */
	async revokeTokens({ session, connected }: HeldSession): Promise<void> {
		const { provider } = connected;
		let cause: unknown;
		const revoking = tokensOf(session)
			.then((tokens) => provider.revoke(tokens))
			.catch((error: unknown) => {
				cause = error;
				return false;
			});
		const isRevoked = await within(REVOCATION_TIMEOUT, revoking, false);
		if (isRevoked) return;
		this.#options.log({
			level: "warning",
			code: isPortcullisError(cause) ? cause.code : "provider_error",
			message:
				"The session has ended here; its tokens could not be revoked at the provider and live on until they expire",
			provider: provider.name,
			cause,
		});
	}

	/** Revokes tokens that no session holds and that must not be used. Never fails. */
	async discard({ provider }: ConnectedProvider, tokens: Tokens): Promise<void> {
		await provider.revoke(tokens).catch(() => false);
	}

	/**
	 * Rejects a session that had ended before its login was complete: no login is reported, and its
	 * tokens are revoked.
	 */
	async #denyEnded(
		connected: ConnectedProvider,
		{ claims, tokens }: LoginResult,
		began: number,
	): Promise<void> {
		const { revocations } = this.#options;
		try {
			await revocations.ready();
		} catch {
			// The next request with the session asks the store again. No request is let in while it is
			// unknown whether its session has ended.
		}
		const session = { id: "", claims, deadline: began + MAX_SESSION_AGE };
		if (!revocations.isRevoked(connected.names.revocation, session)) return; // proven: ended-login
		await this.discard(connected, tokens);
		const message = "The provider has ended the session while its login was being completed";
		throw new LoginError("login_required", message, {
			provider: connected.provider.name,
			reason: ENDED_MEANWHILE,
		});
	}

	/** Also those whose access token has ended: a renewal would bring them back. */
	async #endAll(runtime: Runtime, call: GateRequest): Promise<void> {
		const { identities, audit } = this.#options;
		for (const held of await identities.openAll(runtime, call.header("cookie"))) {
			if (held.isOver) continue;
			this.end(held); // proven: replaced-lives
			await audit?.emit("logout", "success", { ...detailsOf(held), reason: "replaced_by_login" });
		}
	}

	#seconds(): number {
		return Math.floor(this.#options.now() / 1000);
	}
}

/** Of several providers' sessions one counts: the cookies of the others are deleted with it. */
function withoutSiblings(
	signedIn: NewSession,
	runtime: Runtime,
	requestCookies: RequestCookies,
): NewSession {
	const siblings = siblingsOf(runtime, signedIn.connected);
	return { ...signedIn, cookies: [...clearAll(siblings, requestCookies), ...signedIn.cookies] }; // proven: siblings-stay
}

function clearAll(
	sessions: readonly ConnectedProvider[],
	requestCookies: RequestCookies,
): SetCookie[] {
	return sessions.flatMap(({ names }) => clearSession(names, requestCookies));
}
