import type { Log } from "../../audit/log.ts";
import { isPromise, type MaybePromise } from "../../base/maybe-promise.ts";
import type { ConnectedProvider, Runtime } from "../../config/runtime.ts";
import type { AllowResult } from "../../guard/gate-request.ts";
import { isDefaultValidation } from "../../protocol/provider-hooks.ts";
import type { UserClaims } from "../../protocol/types.ts";
import { parseCookies, type RequestCookies } from "../../session/cookies.ts";
import { cacheKey, IdentityCache } from "../../session/identity-cache.ts";
import { openSession } from "../../session/open-session.ts";
import { readOutageGrace } from "../../session/outage-grace.ts";
import { REDIRECT_COUNT_COOKIE } from "../../session/redirect-count.ts";
import { neededValidity } from "../../session/refresh-session.ts";
import { haveSameCookies } from "../../session/same-cookies.ts";
import type { StoredSession } from "../../session/stored-session.ts";
import type { User } from "../../session/user.ts";
import type { RevocationCheck } from "./revocation-list.ts";
import { SessionUsers } from "./session-users.ts";
import { type Learned, UserinfoClaims } from "./userinfo-claims.ts";

/** Memory for identities that were opened before. Bytes. */
const CACHE_BYTES = 128 * 1024 * 1024;
const NO_COOKIES = [] as const;
/** Of revocations, a revision that there is not. */
const NEVER = -1;

let order = 0;

/** The next number in the order in which requests come and claims change. */
export function nextInOrder(): number {
	return ++order;
}

/**
 * A resolved person, with the session that says so. Only `IdentityResolver` hands one out, and each
 * time it has checked the expiry, the revocations and what userinfo says by now. If you keep one
 * for longer than a moment, ask `latest` instead of reading `user`.
 */
export interface Identity {
	/** By the newest claims. */
	user: User;
	readonly session: StoredSession;
	readonly connected: ConnectedProvider;
	/** From then on it identifies no person. Milliseconds since the epoch. */
	readonly expiresAt: number;
	/** What the gate says where this is all it takes: one object for every request of a session. */
	allowed: AllowResult;
	/** Revision of the revocations that the session is known not to be among. */
	checkedAt: number;
	/** What this process has learned about the session since its cookies were sealed. */
	learned: Learned;
	/** Version of `learned` that `user` was made by. */
	version: number;
	/** True once newer claims do not fit the provider's schema: the session counts as over. */
	isUnfit: boolean;
	/** When `user` last changed, counted as requests are: see `Caller.order`. 0 if it never did. */
	changedAt: number;
}

/** A session as its cookies state it. Whether its person may be let in is not checked yet. */
export interface StoredIdentity {
	readonly session: StoredSession;
	readonly connected: ConnectedProvider;
	/** True if it is known to have ended, here or at the provider. */
	readonly isOver: boolean;
}

/** What one provider's cookies say; not yet who the request is. */
interface Candidate {
	readonly identity: Identity;
	/** False while claims are missing that could not be fetched: to be tried again. */
	readonly isComplete: boolean;
}

export interface IdentityResolverOptions {
	/** Milliseconds since the epoch. */
	readonly now: () => number;
	readonly log: Log;
	readonly revocations: RevocationCheck;
	/**
	 * How old the claims of userinfo may be before they are fetched again in the background. Seconds;
	 * 0 for never.
	 */
	readonly userinfoMaxAge: number;
	/** Called when userinfo refuses the access token of a session: it has ended. */
	readonly onRefused: (connected: ConnectedProvider, session: StoredSession) => void;
	/** Whether there are sessions in other sites' frames. */
	readonly isEmbedded: boolean;
	/** Who may frame guarded answers: `AllowResult.framing`. */
	readonly framing: string;
}

/**
 * Finds out who a request is from its `Cookie` header. Whether that is enough for the request is
 * decided elsewhere.
 */
export class IdentityResolver {
	readonly #cache: IdentityCache<Identity> = new IdentityCache(CACHE_BYTES);
	readonly #userinfo: UserinfoClaims;
	readonly #users: SessionUsers;
	readonly #now: () => number;

	readonly #revocations: RevocationCheck;
	readonly #isEmbedded: boolean;
	readonly #framing: string;

	constructor(options: IdentityResolverOptions) {
		const { now, log, onRefused, userinfoMaxAge } = options;
		this.#now = now;
		const maxAge = userinfoMaxAge > 0 ? userinfoMaxAge * 1000 : Number.POSITIVE_INFINITY;
		this.#users = new SessionUsers({ now, log });
		this.#userinfo = new UserinfoClaims({ now, log, maxAge, onRefused });
		this.#revocations = options.revocations;
		this.#isEmbedded = options.isEmbedded;
		this.#framing = options.framing;
	}

	/**
	 * Whose cookies count in a request. A session in another site's frame counts only where no cookie
	 * of an ordinary one came along, so that the two are never mixed: browsers that keep cookies
	 * apart by embedding site never send both.
	 */
	#sessionsIn(runtime: Runtime, header: string): readonly ConnectedProvider[] {
		const { providers, embedded } = runtime;
		if (!this.#isEmbedded || providers.some(({ names }) => header.includes(names.access)))
			return providers;
		return embedded;
	}

	/** True if the session was ended from outside. Costs a comparison as long as no session was. */
	isRevoked(identity: Identity): boolean {
		if (identity.isUnfit) return true;
		const { revision } = this.#revocations;
		if (identity.checkedAt === revision) return false;
		if (this.isSessionRevoked(identity.connected, identity.session)) return true;
		identity.checkedAt = revision;
		return false;
	}

	/** The same for a session that no person has been let in by yet. */
	isSessionRevoked({ names }: ConnectedProvider, session: StoredSession): boolean {
		return this.#revocations.isRevoked(names.revocation, session);
	}

	/**
	 * The identity of a request, at once if it was seen before; `undefined` for an anonymous one.
	 *
	 * @throws {StateError} while it is unknown which sessions have been revoked, because the store
	 *   does not answer. Never anything else.
	 */
	resolve(runtime: Runtime, header: string | null): MaybePromise<Identity | undefined> {
		return this.find(runtime, header) ?? this.open(runtime, header);
	}

	/**
	 * The identity of a request whose `Cookie` header was seen before, letter by letter. Such a
	 * header counts no hops: see `#open`.
	 */
	find(runtime: Runtime, header: string | null): Identity | undefined {
		if (!header) return undefined;
		return (
			this.#findIn(runtime.providers, header) ??
			(this.#isEmbedded ? this.#findIn(runtime.embedded, header) : undefined)
		);
	}

	#findIn(sessions: readonly ConnectedProvider[], header: string): Identity | undefined {
		for (const { names } of sessions) {
			const known = this.#cache.find(cacheKey(header, names.access), header);
			if (known !== undefined && this.#look(known) === "current") return known;
		}
		return undefined;
	}

	/**
	 * The one check that every identity passes before it is handed out, however it was found: has it
	 * ended, was it revoked, is it time to ask userinfo again, and have its claims changed since.
	 */
	#look(identity: Identity): "over" | "outdated" | "current" {
		const now = this.#now();
		// proven: remembered-for-ever, remembered-revoked
		if (identity.expiresAt <= now || this.isRevoked(identity)) return "over";
		if (identity.learned.refetchAt <= now) this.#refetch(identity); // proven: claims-for-ever
		return identity.version === identity.learned.version ? "current" : "outdated"; // proven: claims-of-one-header
	}

	/** What userinfo has said since a session was sealed: for its renewal. */
	userinfoSince(session: StoredSession): UserClaims | undefined {
		return this.#userinfo.since(session);
	}

	/**
	 * A renewal has brought an answer of userinfo, which counts for the cookies from before as well.
	 */
	renewed(session: StoredSession, userinfo: UserClaims | undefined): void {
		if (userinfo) this.#userinfo.renewed(session, userinfo);
	}

	#refetch(identity: Identity): void {
		const { connected, session, learned } = identity;
		identity.learned = this.#userinfo.refetch(connected, session, learned, () =>
			this.latest(identity),
		);
	}

	/**
	 * The same for an identity that was opened, or found by our cookies alone: brought up to date, or
	 * `undefined` if it is over.
	 */
	#handOut(identity: Identity): MaybePromise<Identity | undefined> {
		const state = this.#look(identity);
		if (state !== "outdated") return state === "over" ? undefined : identity;
		return this.#update(identity).then(() => this.#handOut(identity));
	}

	/**
	 * The person behind an identity that was handed out a while ago, by the newest claims: for a
	 * stream, or an event that takes long. What has only just changed is there with the next call.
	 */
	latest(identity: Identity): User {
		if (this.#look(identity) === "outdated") void this.#update(identity).catch(() => {});
		return identity.user;
	}

	/** Makes the claims that were learned since count, for all who hold this identity. */
	async #update(identity: Identity): Promise<void> {
		const { connected, session, learned } = identity;
		const { version } = learned;
		const claims = await this.#userinfo.claimsOf(session, learned);
		const user = await this.#users.userOf(connected, session, claims);
		// Something newer came while the cookies were read once more: the call that saw it applies it.
		if (identity.version === version || identity.learned !== learned || learned.version !== version)
			return;
		identity.version = version;
		if (user === undefined) {
			identity.isUnfit = true; // proven: newer-claims-unfit
			return;
		}
		identity.user = user;
		identity.allowed = { ...identity.allowed, user };
		identity.changedAt = nextInOrder();
	}

	/** The identity of a request that `find` does not know. Throws as `resolve` does. */
	open(runtime: Runtime, header: string | null): MaybePromise<Identity | undefined> {
		if (!header) return undefined;
		if (!this.#sessionsIn(runtime, header).some(({ names }) => header.includes(names.access)))
			return undefined;
		const loading = this.#revocations.ready();
		return loading ? loading.then(() => this.#open(runtime, header)) : this.#open(runtime, header);
	}

	/**
	 * The session in a request's cookies, also if its access token has ended. `undefined` if there is
	 * none. Throws as `resolve` does.
	 */
	async openStored(runtime: Runtime, header: string | null): Promise<StoredIdentity | undefined> {
		return (await this.openAll(runtime, header)).find(({ isOver }) => !isOver);
	}

	/**
	 * Every session in a request's cookies, those that have been ended too; the one sealed last comes
	 * first. Throws as `resolve` does.
	 */
	async openAll(runtime: Runtime, header: string | null): Promise<StoredIdentity[]> {
		if (
			!header ||
			!this.#sessionsIn(runtime, header).some(({ names }) => header.includes(names.access))
		)
			return [];
		await this.#revocations.ready();
		return this.openUnasked(runtime, header);
	}

	/**
	 * The same without asking the store: `isOver` is what this process knows. For code that ends
	 * sessions, which must go on while the store does not answer. Never let a request in by it.
	 */
	async openUnasked(runtime: Runtime, header: string | null): Promise<StoredIdentity[]> {
		if (!header) return [];
		const sessions = this.#sessionsIn(runtime, header);
		const requestCookies = parseCookies(header);
		const found: StoredIdentity[] = [];
		for (const connected of sessions) {
			const session = await openSession(connected, requestCookies, Math.floor(this.#now() / 1000));
			if (session)
				found.push({ session, connected, isOver: this.isSessionRevoked(connected, session) });
		}
		return found.sort((a, b) => b.session.sealedAt - a.session.sealedAt);
	}

	/**
	 * True for the cookies of a session that cannot be renewed and has ended by itself: it was not
	 * signed out of, and its provider has not ended it. Throws as `resolve` does.
	 */
	async hasExpired(runtime: Runtime, header: string | null): Promise<boolean> {
		const stored = await this.openStored(runtime, header); // proven: signed-out-as-expired
		if (!stored || stored.session.hasRefreshToken) return false; // proven: renewable-as-expired
		return stored.session.accessTokenExpiresAt * 1000 <= this.#now();
	}

	async #open(runtime: Runtime, header: string): Promise<Identity | undefined> {
		const requestCookies = parseCookies(header);
		const found: Candidate[] = [];
		for (const connected of this.#sessionsIn(runtime, header)) {
			const candidate = await this.#openFor(connected, header, requestCookies);
			if (candidate) found.push(candidate);
		}
		// Two sessions at once contradict each other; they are never merged, the one sealed last
		// counts.
		const [best] = found.sort((a, b) => b.identity.session.sealedAt - a.identity.session.sealedAt);
		// While hops are being counted the header is about to change: not worth remembering, and the
		// slow path has to see it.
		if (best?.isComplete && !requestCookies.has(REDIRECT_COUNT_COOKIE)) {
			this.#cache.keep(
				cacheKey(header, best.identity.connected.names.access),
				header,
				best.identity,
			);
		}
		return best?.identity;
	}

	async #openFor(
		connected: ConnectedProvider,
		header: string,
		requestCookies: RequestCookies,
	): Promise<Candidate | undefined> {
		const { names } = connected;
		const prefix = names.access.slice(0, -2);
		// Of this very provider: of any other's, neither header may hold a cookie, and nothing would be
		// compared.
		const isSame = (kept: string, { connected: owner }: Identity) =>
			owner === connected && haveSameCookies(parseCookies(kept), requestCookies, prefix); // proven: other-persons-cookies
		const kept = this.#cache.findByCookies(cacheKey(header, names.access), isSame);
		const known = kept && (await this.#handOut(kept));
		if (known) return { identity: known, isComplete: true };

		const nowSeconds = Math.floor(this.#now() / 1000);
		const session = await openSession(connected, requestCookies, nowSeconds);
		if (!session) return undefined;
		const grace = requestCookies.has(names.grace)
			? await readOutageGrace(connected, requestCookies, session)
			: 0;
		return this.#admit(connected, session, grace);
	}

	/**
	 * The identity of a session that this process has just sealed or renewed, without a request that
	 * brings its cookies. `undefined` if it is over, or its tokens are not accepted. Throws as
	 * `resolve` does.
	 *
	 * @param grace Until when it outlives its access token while the provider is down; seconds since
	 *   the epoch.
	 */
	async admit(
		connected: ConnectedProvider,
		session: StoredSession,
		grace = 0,
	): Promise<Identity | undefined> {
		await this.#revocations.ready(); // proven: admitted-unasked
		return (await this.#admit(connected, session, grace))?.identity;
	}

	async #admit(
		connected: ConnectedProvider,
		session: StoredSession,
		grace: number,
	): Promise<Candidate | undefined> {
		// While the provider is down, the session outlives its access token for a while.
		const until = Math.max(session.accessTokenExpiresAt - neededValidity(session), grace);
		if (until <= Math.floor(this.#now() / 1000)) return undefined; // proven: access-token-over
		if (
			!isDefaultValidation(connected.provider) &&
			!(await this.#users.tokensAreValid(connected, session))
		)
			return undefined;
		const learned = this.#userinfo.of(session);
		const isComplete =
			!session.userinfoOmitted || (await this.#userinfo.complete(connected, session, learned));
		const { version } = learned;
		const claims = this.#userinfo.claimsOf(session, learned);
		// Nearly always all of this is known at once, and each promise costs as much as a look-up.
		const made = this.#users.userOf(connected, session, isPromise(claims) ? await claims : claims);
		const user = isPromise(made) ? await made : made;
		if (user === undefined) return undefined;
		const handedOut = this.#handOut({
			user,
			session,
			connected,
			expiresAt: Math.min(session.deadline, until) * 1000,
			allowed: {
				kind: "allow",
				user,
				isPrivate: true,
				decidedByTag: false,
				cookies: NO_COOKIES,
				framing: this.#framing,
			},
			checkedAt: NEVER, // proven: opened-revoked
			learned,
			version,
			changedAt: 0,
			isUnfit: false,
		});
		const identity = isPromise(handedOut) ? await handedOut : handedOut;
		return identity && { identity, isComplete };
	}
}
