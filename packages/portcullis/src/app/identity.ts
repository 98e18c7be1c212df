import { TokenError } from "../base/errors.ts";
import type { MaybePromise } from "../crypto/aead.ts";
import { Provider } from "../protocol/provider.ts";
import type { OIDCUserInfo } from "../protocol/types.ts";
import { type CookieJar, parseCookies } from "../session/cookies.ts";
import { readGrace } from "../session/grace-cookie.ts";
import { HOPS_COOKIE } from "../session/hops.ts";
import { cacheKey, IdentityCache } from "../session/identity-cache.ts";
import { neededValidity } from "../session/renew-session.ts";
import { openSession, type StoredSession } from "../session/sealed-session.ts";
import { createUser, mergeClaims, type User } from "../session/user.ts";
import type { Admitted } from "./host-call.ts";
import type { Log } from "./log.ts";
import type { RevocationCheck } from "./revocation-list.ts";
import type { ConnectedProvider, Runtime } from "./runtime.ts";

/** Memory for identities that were opened before. Bytes. */
const CACHE_BYTES = 128 * 1024 * 1024;
/** After userinfo could not be fetched for a session, it is not asked again for so long. Milliseconds. */
const USERINFO_RETRY = 5000;
const NO_COOKIES = [] as const;

/** A resolved person, with the session that says so. */
export interface Identity {
	readonly user: User;
	readonly session: StoredSession;
	readonly connected: ConnectedProvider;
	/** From then on it is nobody. Milliseconds since the epoch. */
	readonly expiresAt: number;
	/** What the gate says where this is all it takes: one object for every request of a session. */
	readonly admission: Admitted;
	/** Revision of the revocations that the session is known not to be among. */
	checkedAt: number;
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
	/** Whether there are sessions in other sites' frames. */
	readonly isEmbedded: boolean;
	/** Who may frame guarded answers: `Admitted.framing`. */
	readonly framing: string;
}

/** Finds out who a request is from its `Cookie` header. Whether that is enough, somebody else decides. */
export class IdentityResolver {
	readonly #cache: IdentityCache<Identity> = new IdentityCache(CACHE_BYTES);
	readonly #userinfo = new Map<string, { claims: Promise<OIDCUserInfo | undefined>; until: number }>();
	readonly #now: () => number;
	readonly #log: Log;

	readonly #revocations: RevocationCheck;
	readonly #isEmbedded: boolean;
	readonly #framing: string;

	constructor(options: IdentityResolverOptions) {
		this.#now = options.now;
		this.#log = options.log;
		this.#revocations = options.revocations;
		this.#isEmbedded = options.isEmbedded;
		this.#framing = options.framing;
	}

	/**
	 * Whose cookies count in a request. A session in another site's frame counts only where no cookie of an ordinary one came along, so that
	 * the two are never mixed: browsers that keep cookies apart by embedding site never send both.
	 */
	#sessionsIn(runtime: Runtime, header: string): readonly ConnectedProvider[] {
		const { providers, embedded } = runtime;
		if (!this.#isEmbedded || providers.some(({ names }) => header.includes(names.access))) return providers;
		return embedded;
	}

	/** True if the session was ended from outside. Costs a comparison as long as no session was. */
	isRevoked(identity: Identity): boolean {
		const { revision } = this.#revocations;
		if (identity.checkedAt === revision) return false;
		if (this.isSessionRevoked(identity.connected, identity.session)) return true;
		identity.checkedAt = revision;
		return false;
	}

	/** The same for a session that nobody has been let in by. */
	isSessionRevoked({ names }: ConnectedProvider, session: StoredSession): boolean {
		return this.#revocations.isRevoked(names.revocation, session);
	}

	/**
	 * The identity of a request, at once if it was seen before; `undefined` for an anonymous one.
	 *
	 * @throws {StateError} while nobody knows yet which sessions have been revoked, because the store does not answer. Never anything else.
	 */
	resolve(runtime: Runtime, header: string | null): MaybePromise<Identity | undefined> {
		return this.find(runtime, header) ?? this.open(runtime, header);
	}

	/** The identity of a request whose `Cookie` header was seen before, letter by letter. Such a header counts no hops: see `#open`. */
	find(runtime: Runtime, header: string | null): Identity | undefined {
		if (!header) return undefined;
		return (
			this.#findIn(runtime.providers, header) ?? (this.#isEmbedded ? this.#findIn(runtime.embedded, header) : undefined)
		);
	}

	#findIn(sessions: readonly ConnectedProvider[], header: string): Identity | undefined {
		for (const { names } of sessions) {
			const known = this.#cache.find(cacheKey(header, names.access), header);
			if (known !== undefined && known.expiresAt > this.#now() && !this.isRevoked(known)) return known;
		}
		return undefined;
	}

	/** The identity of a request that `find` does not know. Throws as `resolve` does. */
	open(runtime: Runtime, header: string | null): MaybePromise<Identity | undefined> {
		if (!header) return undefined;
		if (!this.#sessionsIn(runtime, header).some(({ names }) => header.includes(names.access))) return undefined;
		const loading = this.#revocations.ready();
		return loading ? loading.then(() => this.#open(runtime, header)) : this.#open(runtime, header);
	}

	/** The session in a request's cookies, also if its access token has ended. `undefined` if there is none. Throws as `resolve` does. */
	async openStored(
		runtime: Runtime,
		header: string | null,
	): Promise<{ readonly session: StoredSession; readonly connected: ConnectedProvider } | undefined> {
		const sessions = header ? this.#sessionsIn(runtime, header) : [];
		if (!header || !sessions.some(({ names }) => header.includes(names.access))) return undefined;
		await this.#revocations.ready();
		const jar = parseCookies(header);
		const found: { session: StoredSession; connected: ConnectedProvider }[] = [];
		for (const connected of sessions) {
			const session = await openSession(connected, jar, Math.floor(this.#now() / 1000));
			if (session && !this.isSessionRevoked(connected, session)) found.push({ session, connected });
		}
		return found.sort((a, b) => b.session.sealedAt - a.session.sealedAt)[0];
	}

	async #open(runtime: Runtime, header: string): Promise<Identity | undefined> {
		const jar = parseCookies(header);
		const found: Candidate[] = [];
		for (const connected of this.#sessionsIn(runtime, header)) {
			const candidate = await this.#openFor(connected, header, jar);
			if (candidate) found.push(candidate);
		}
		// Two sessions at once contradict each other; they are never merged, the one sealed last counts.
		const [best] = found.sort((a, b) => b.identity.session.sealedAt - a.identity.session.sealedAt);
		// While hops are being counted the header is about to change: not worth remembering, and the slow path has to see it.
		if (best?.isComplete && !jar.has(HOPS_COOKIE)) {
			this.#cache.keep(cacheKey(header, best.identity.connected.names.access), header, best.identity);
		}
		return best?.identity;
	}

	async #openFor(connected: ConnectedProvider, header: string, jar: CookieJar): Promise<Candidate | undefined> {
		const { names, provider } = connected;
		const prefix = names.access.slice(0, -2);
		// Of this very provider: of any other's, neither header may hold a cookie, and nothing would be compared.
		const isSame = (kept: string, { connected: owner }: Identity) =>
			owner === connected && haveSameCookies(parseCookies(kept), jar, prefix);
		const known = this.#cache.findByCookies(cacheKey(header, names.access), isSame);
		if (known && known.expiresAt > this.#now() && !this.isRevoked(known)) return { identity: known, isComplete: true };

		const nowSeconds = Math.floor(this.#now() / 1000);
		const session = await openSession(connected, jar, nowSeconds);
		if (!session) return undefined;
		// While the provider is down, the session outlives its access token for a while.
		const grace = jar.has(names.grace) ? await readGrace(connected, jar, session) : 0;
		const until = Math.max(session.accessTokenExpiresAt - neededValidity(session), grace);
		if (until <= nowSeconds) return undefined;
		const claims = session.userinfoOmitted ? await this.#completeClaims(connected, session) : session.claims;
		if (!(await this.#tokensAreValid(connected, session))) return undefined;
		if (this.isSessionRevoked(connected, session)) return undefined;
		const user = createUser(claims ?? session.claims, provider.name, session.scopes, {
			accessToken: () => this.#accessToken(provider.name, session),
			tokenExtra: () => session.extra(),
		});
		const identity: Identity = {
			user,
			session,
			connected,
			expiresAt: Math.min(session.deadline, until) * 1000,
			admission: {
				kind: "admitted",
				user,
				isPrivate: true,
				decidedByTag: false,
				cookies: NO_COOKIES,
				framing: this.#framing,
			},
			checkedAt: this.#revocations.revision,
		};
		return { identity, isComplete: claims !== undefined };
	}

	async #accessToken(provider: string, session: StoredSession): Promise<string> {
		if (session.accessTokenExpiresAt * 1000 > this.#now()) return session.accessToken();
		throw new TokenError("token_expired", "The access token has ended, and could not be renewed before", { provider });
	}

	/** The hook `validateTokens`; a throw is a no. The default only looks at the expiry, which is known without opening every token. */
	async #tokensAreValid({ provider }: ConnectedProvider, session: StoredSession): Promise<boolean> {
		if (provider.validateTokens === Provider.prototype.validateTokens) return true;
		try {
			const refreshToken = await session.refreshToken();
			const idToken = await session.idToken();
			return (
				(await provider.validateTokens({
					accessToken: await session.accessToken(),
					accessTokenExpiresAt: session.accessTokenExpiresAt,
					scopes: session.scopes,
					extra: await session.extra(),
					...(idToken === undefined ? {} : { idToken }),
					...(refreshToken === undefined ? {} : { refreshToken }),
				})) === true
			);
		} catch (cause) {
			this.#log({
				level: "error",
				code: "internal_error",
				message: "validateTokens threw; the session is not accepted",
				provider: provider.name,
				cause,
			});
			return false;
		}
	}

	/**
	 * Claims that did not fit beside the ID token, from userinfo: asked once for a session at a time.
	 * `undefined` while the provider does not answer: what only userinfo knows is then unknown, and checks on it say no.
	 */
	async #completeClaims({ provider }: ConnectedProvider, session: StoredSession): Promise<OIDCUserInfo | undefined> {
		const pending = this.#userinfo.get(session.id);
		if (pending && pending.until > this.#now()) return pending.claims;
		const claims = session
			.accessToken()
			.then((accessToken) => provider.fetchUserinfo(accessToken))
			.then(
				(userinfo) => (userinfo?.sub === session.claims.sub ? mergeClaims(session.claims, userinfo) : undefined),
				(cause: unknown) => {
					this.#log({
						level: "warning",
						code: "userinfo_invalid",
						message: "Userinfo could not be fetched; its claims are unknown",
						provider: provider.name,
						cause,
					});
					return undefined;
				},
			);
		for (const [id, { until }] of this.#userinfo) if (until <= this.#now()) this.#userinfo.delete(id);
		this.#userinfo.set(session.id, { claims, until: this.#now() + USERINFO_RETRY });
		return claims;
	}
}

/** True if both jars hold the same cookies of one provider. */
function haveSameCookies(one: CookieJar, other: CookieJar, prefix: string): boolean {
	return isWithin(one, other, prefix) && isWithin(other, one, prefix);
}

function isWithin(one: CookieJar, other: CookieJar, prefix: string): boolean {
	for (const [name, value] of one) if (name.startsWith(prefix) && other.get(name) !== value) return false;
	return true;
}
