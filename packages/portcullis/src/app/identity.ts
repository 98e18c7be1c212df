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
import { createUser, type User } from "../session/user.ts";
import type { Admitted } from "./host-call.ts";
import type { Log } from "./log.ts";
import type { RevocationCheck } from "./revocation-list.ts";
import type { ConnectedProvider, Runtime } from "./runtime.ts";
import { UserinfoClaims } from "./userinfo-claims.ts";

/** Memory for identities that were opened before. Bytes. */
const CACHE_BYTES = 128 * 1024 * 1024;
/** After userinfo could not be fetched in the background, it is not asked again for so long. Milliseconds. */
const USERINFO_RETRY = 300_000;
/** Sessions that userinfo has refused, at most. */
const MAX_REFUSED = 10_000;
const NO_COOKIES = [] as const;

/** A resolved person, with the session that says so. */
export interface Identity {
	readonly user: User;
	readonly session: StoredSession;
	readonly connected: ConnectedProvider;
	/** From then on it is nobody. Milliseconds since the epoch. */
	expiresAt: number;
	/** From then on the claims of userinfo are fetched again, while these go on serving. Milliseconds since the epoch. */
	refetchAt: number;
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
	/** How old the claims of userinfo may be before they are fetched again in the background. Seconds; 0 for never. */
	readonly userinfoMaxAge: number;
	/** Called when userinfo refuses the access token of a session: it has ended. */
	readonly onRefused: (connected: ConnectedProvider, session: StoredSession) => void;
	/** Whether there are sessions in other sites' frames. */
	readonly isEmbedded: boolean;
	/** Who may frame guarded answers: `Admitted.framing`. */
	readonly framing: string;
}

/** Finds out who a request is from its `Cookie` header. Whether that is enough, somebody else decides. */
export class IdentityResolver {
	readonly #cache: IdentityCache<Identity> = new IdentityCache(CACHE_BYTES);
	readonly #userinfo: UserinfoClaims;
	readonly #userinfoMaxAge: number;
	readonly #onRefused: IdentityResolverOptions["onRefused"];
	/** Ids of sessions that userinfo has refused, oldest first. */
	readonly #refused = new Set<string>();
	readonly #now: () => number;
	readonly #log: Log;

	readonly #revocations: RevocationCheck;
	readonly #isEmbedded: boolean;
	readonly #framing: string;

	constructor(options: IdentityResolverOptions) {
		this.#now = options.now;
		this.#log = options.log;
		this.#userinfo = new UserinfoClaims(options.now, options.log);
		this.#userinfoMaxAge = options.userinfoMaxAge > 0 ? options.userinfoMaxAge * 1000 : Number.POSITIVE_INFINITY;
		this.#onRefused = options.onRefused;
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
		return this.#refused.has(session.id) || this.#revocations.isRevoked(names.revocation, session);
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
			if (known === undefined) continue;
			const now = this.#now();
			if (known.expiresAt <= now || this.isRevoked(known)) continue;
			if (known.refetchAt <= now) this.#refetch(known, header);
			return known;
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
		const { names } = connected;
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
		const userinfo = session.userinfoOmitted ? await this.#userinfo.ask(connected, session) : undefined;
		if (userinfo?.kind === "refused") this.#refuse(connected, session);
		const claims = userinfo?.kind === "known" ? userinfo.claims : session.claims;
		if (!(await this.#tokensAreValid(connected, session))) return undefined;
		if (this.isSessionRevoked(connected, session)) return undefined;
		const user = this.#userOf(connected, session, claims);
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
			refetchAt: (userinfo ? this.#now() : session.sealedAt * 1000) + this.#userinfoMaxAge,
		};
		return { identity, isComplete: userinfo?.kind !== "unknown" };
	}

	#userOf({ provider }: ConnectedProvider, session: StoredSession, claims: OIDCUserInfo): User {
		return createUser(claims, provider.name, session.scopes, {
			accessToken: () => this.#accessToken(provider.name, session),
			tokenExtra: () => session.extra(),
		});
	}

	/** Looks in the background whether userinfo has changed; requests go on with what is known. */
	#refetch(known: Identity, header: string): void {
		known.refetchAt = this.#now() + USERINFO_RETRY;
		const { connected, session, user } = known;
		void this.#userinfo.ask(connected, session).then((answer) => {
			if (answer.kind === "unknown") return;
			known.refetchAt = answer.kind === "none" ? Number.POSITIVE_INFINITY : this.#now() + this.#userinfoMaxAge;
			if (answer.kind === "refused") {
				known.expiresAt = 0;
				this.#refuse(connected, session);
			} else if (answer.kind === "known" && JSON.stringify(answer.claims) !== JSON.stringify(user.userinfo)) {
				const newer = this.#userOf(connected, session, answer.claims);
				const identity = { ...known, user: newer, admission: { ...known.admission, user: newer } };
				this.#cache.keep(cacheKey(header, connected.names.access), header, identity);
			}
		});
	}

	#refuse(connected: ConnectedProvider, session: StoredSession): void {
		this.#refused.add(session.id);
		const [oldest] = this.#refused;
		if (this.#refused.size > MAX_REFUSED && oldest !== undefined) this.#refused.delete(oldest);
		this.#onRefused(connected, session);
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
}

/** True if both jars hold the same cookies of one provider. */
function haveSameCookies(one: CookieJar, other: CookieJar, prefix: string): boolean {
	return isWithin(one, other, prefix) && isWithin(other, one, prefix);
}

function isWithin(one: CookieJar, other: CookieJar, prefix: string): boolean {
	for (const [name, value] of one) if (name.startsWith(prefix) && other.get(name) !== value) return false;
	return true;
}
