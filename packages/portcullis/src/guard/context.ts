import type { UserClaims } from "../protocol/types.ts";
import type { User } from "../session/user.ts";

interface BaseAuthContext<U extends UserClaims> {
	/** Always there: a check never runs for an anonymous caller. */
	readonly user: User<U>;
	readonly request: Request;
	/**
	 * The caller's instance of a State. On an event or a value it is the one of the tab that asks; a
	 * page is asked for before there is a tab, so there its fields have their defaults, and its
	 * computed values know the user.
	 */
	readonly getState: GetState;
	/** Milliseconds since the epoch, as the gate sees it. Default: `Date.now`. */
	readonly now?: (() => number) | undefined;
}

/**
 * Finds the caller's instance of a State class. Throws for a class that is not among the gate's
 * `states`.
 */
export type GetState = <S extends object>(state: new () => S) => S;

/** What a check on a page gets. */
export interface PageAuthContext<U extends UserClaims = UserClaims> extends BaseAuthContext<U> {
	readonly kind: "page";
}

/** What a check on an event gets. */
export interface EventAuthContext<U extends UserClaims = UserClaims> extends BaseAuthContext<U> {
	readonly kind: "event";
	/** State and event, as `notes.addNote`. */
	readonly event: string;
	/** As sent, not yet validated. */
	readonly payload: unknown;
}

/** What a check on a field or a computed value gets. */
export interface ValueAuthContext<U extends UserClaims = UserClaims> extends BaseAuthContext<U> {
	readonly kind: "value";
	/** State and value, as `notes.draft`. */
	readonly name: string;
}

/** What a check gets, told apart by `kind`. Plain objects: a test builds one by hand. */
export type AuthContext<U extends UserClaims = UserClaims> =
	| PageAuthContext<U>
	| EventAuthContext<U>
	| ValueAuthContext<U>;

/**
 * Answers whether a signed-in person may have a surface. Anything but `true` is a no: `undefined`,
 * as from `groups?.includes("admins")`, a truthy object, a throw, a rejection, and an answer that
 * takes longer than two seconds.
 */
export type Check<C = AuthContext> = (
	context: C,
) => boolean | undefined | Promise<boolean | undefined>;

/** The `auth` of a surface: `true` for signed-in people, `false` for everyone, or a check. */
export type Rule<C = AuthContext> = boolean | Check<C>;
