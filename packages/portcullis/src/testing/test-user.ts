import type { UserClaims } from "../protocol/types.ts";
import { createUser, type User } from "../session/user.ts";

/** Claims of a person in a test. `sub` is `test` where it is left out. */
export type TestClaims<U extends UserClaims = UserClaims> = Partial<U> &
	Readonly<Record<string, unknown>>;

/** How a person in a test has signed in. */
export interface TestUserOptions {
	/** Name of the provider. Default: `test`, or the gate's first one where there is a gate. */
	readonly provider?: string;
	/** Scopes that were granted. Default: `openid profile email`. */
	readonly scopes?: readonly string[];
	/** What `user.accessToken()` gives. Default: `test-access-token`. */
	readonly accessToken?: string;
}

export const DEFAULT_SCOPES: readonly string[] = ["openid", "profile", "email"];
export const DEFAULT_ACCESS_TOKEN = "test-access-token";

/** A signed-in person, as checks and handlers get one. Nothing was verified: for tests. */
export function testUser<U extends UserClaims = UserClaims>(
	claims: TestClaims<U> = {},
	options: TestUserOptions = {},
): User<U> {
	const complete = { iss: "https://id.example", sub: "test", ...claims } as UserClaims;
	return createUser<U>(complete, options.provider ?? "test", options.scopes ?? DEFAULT_SCOPES, {
		accessToken: async () => options.accessToken ?? DEFAULT_ACCESS_TOKEN,
		tokenExtra: async () => ({}),
	});
}
