import type {
	EventAuthContext,
	GetState,
	PageAuthContext,
	ValueAuthContext,
} from "../guard/context.ts";
import type { UserClaims } from "../protocol/types.ts";
import { type TestClaims, type TestUserOptions, testUser } from "./test-user.ts";

/** What surrounds a check in a test. */
export interface TestContextOptions extends TestUserOptions {
	/** The request that asks. Default: a `GET` of `https://app.example/`. */
	readonly request?: Request;
	/**
	 * Instances of State classes that the check may ask for, by class. Default: asking for one
	 * throws.
	 */
	readonly states?: readonly object[];
}

/** What a check on a page gets. */
export function pageContext<U extends UserClaims = UserClaims>(
	claims: TestClaims<U> = {},
	options: TestContextOptions = {},
): PageAuthContext<U> {
	return { kind: "page", ...surroundings<U>(claims, options) };
}

/**
 * What a check on an event gets: `eventContext(claims, { event: "notes.addNote", payload: "Milk"
 * })`.
 */
export function eventContext<U extends UserClaims = UserClaims>(
	claims: TestClaims<U> = {},
	options: TestContextOptions & { readonly event?: string; readonly payload?: unknown } = {},
): EventAuthContext<U> {
	const { event = "test.event", payload } = options;
	return { kind: "event", event, payload, ...surroundings<U>(claims, options) };
}

/**
 * What a check on a field or a computed value gets: `valueContext(claims, { name: "notes.draft"
 * })`.
 */
export function valueContext<U extends UserClaims = UserClaims>(
	claims: TestClaims<U> = {},
	options: TestContextOptions & { readonly name?: string } = {},
): ValueAuthContext<U> {
	return { kind: "value", name: options.name ?? "test.value", ...surroundings<U>(claims, options) };
}

function surroundings<U extends UserClaims>(claims: TestClaims<U>, options: TestContextOptions) {
	const { request = new Request("https://app.example/"), states = [] } = options;
	const getState: GetState = (state) => {
		const found = states.find((instance) => instance instanceof state);
		if (!found)
			throw new Error(`The check asked for ${state.name}, which the test has not put into states`);
		return found as InstanceType<typeof state>;
	};
	return { user: testUser<U>(claims, options), request, getState };
}
