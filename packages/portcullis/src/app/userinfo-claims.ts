import { isUserinfoRefusal } from "../protocol/provider.ts";
import type { OIDCUserInfo } from "../protocol/types.ts";
import type { StoredSession } from "../session/sealed-session.ts";
import { jwtPayload } from "../session/token-packing.ts";
import { mergeClaims } from "../session/user.ts";
import type { Log } from "./log.ts";
import type { ConnectedProvider } from "./runtime.ts";

/** After userinfo could not be fetched for a session, it is not asked again for so long. Milliseconds. */
const PAUSE_AFTER_FAILURE = 5000;

/** What a provider's userinfo says of a session now. */
export type UserinfoAnswer =
	/** `claims`: those of the ID token, completed. */
	| { readonly kind: "known"; readonly claims: OIDCUserInfo }
	/** There is no such endpoint. */
	| { readonly kind: "none" }
	/** It does not answer, or the access token has ended. */
	| { readonly kind: "unknown" }
	/** It refuses an access token that it once accepted, or answers for somebody else: the session has ended. */
	| { readonly kind: "refused" };

/** Asks userinfo for sessions that go on: once for a session at a time, whoever wants to know. */
export class UserinfoClaims {
	readonly #now: () => number;
	readonly #log: Log;
	readonly #asked = new Map<string, { readonly answer: Promise<UserinfoAnswer>; until: number }>();

	/** @param now milliseconds since the epoch. */
	constructor(now: () => number, log: Log) {
		this.#now = now;
		this.#log = log;
	}

	/** Never rejects. A failure is the answer for five seconds. */
	ask(connected: ConnectedProvider, session: StoredSession): Promise<UserinfoAnswer> {
		const pending = this.#asked.get(session.id);
		if (pending && pending.until > this.#now()) return pending.answer;
		for (const [id, { until }] of this.#asked) if (until <= this.#now()) this.#asked.delete(id);
		const entry = { answer: this.#fetch(connected, session), until: Number.POSITIVE_INFINITY };
		this.#asked.set(session.id, entry);
		void entry.answer.then(({ kind }) => {
			entry.until = kind === "unknown" ? this.#now() + PAUSE_AFTER_FAILURE : 0;
		});
		return entry.answer;
	}

	async #fetch({ provider }: ConnectedProvider, session: StoredSession): Promise<UserinfoAnswer> {
		// One that has ended would be refused, which says nothing about the session.
		if (session.accessTokenExpiresAt * 1000 <= this.#now()) return { kind: "unknown" };
		try {
			const userinfo = await provider.fetchUserinfo(await session.accessToken());
			if (userinfo === undefined) return { kind: "none" };
			if (userinfo.sub !== session.claims.sub) return { kind: "refused" };
			return { kind: "known", claims: mergeClaims(await signedClaims(session), userinfo) };
		} catch (cause) {
			const isRefused = isUserinfoRefusal(cause);
			this.#log({
				level: "warning",
				code: isRefused ? "login_required" : "userinfo_invalid",
				message: isRefused
					? "Userinfo refuses the access token of a session, which has ended"
					: "Userinfo could not be fetched; what was known before goes on",
				provider: provider.name,
				cause,
			});
			return { kind: isRefused ? "refused" : "unknown" };
		}
	}
}

/** What is not from userinfo: a claim that it no longer has is to go. */
async function signedClaims(session: StoredSession): Promise<Readonly<Record<string, unknown>>> {
	const { claims } = session;
	const idToken = await session.idToken();
	if (idToken === undefined) return claims;
	const signed = jwtPayload(idToken);
	return claims.sid === undefined ? signed : { ...signed, sid: claims.sid };
}
