import type { SessionAnswer } from "../wire/session-answer.ts";
import type { Identity } from "./identity.ts";

/** What a browser is told about who it is. */
export function sessionAnswer(identity: Identity | undefined): SessionAnswer {
	if (!identity) return { signedIn: false };
	const { sub, name, email, picture, provider } = identity.user;
	return {
		signedIn: true,
		user: { sub, name, email: email ?? null, picture: picture ?? null, provider },
		expiresAt: Math.floor(identity.expiresAt / 1000),
	};
}
