import { expect, it } from "vitest";
import { IdentityResolver } from "./identity.ts";

it("admits no session while it is not known which have ended", async () => {
	const unknown = new Error("the store does not answer");
	const identities = new IdentityResolver({
		now: Date.now,
		log: () => {},
		revocations: {
			revision: 0,
			ready: () => Promise.reject(unknown),
			isRevoked: () => false,
		} as never,
		userinfoMaxAge: 0,
		onRefused: () => {},
		isEmbedded: false,
		framing: "'none'",
	});
	const ended = { accessTokenExpiresAt: 0, hasRefreshToken: false } as never;
	await expect(identities.admit({} as never, ended)).rejects.toBe(unknown);
});
