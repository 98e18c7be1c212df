import type { UserClaims } from "../../protocol/types.ts";
import type { User } from "../../session/user.ts";

declare const OPEN: unique symbol;
declare const LOGIN: unique symbol;

/** What `access(false)` adds to the variables of its route, as a type; there is no such value. */
export interface OpenTag {
	readonly [OPEN]: true;
}

/** What `access(true)` and `access(check)` add, as a type; there is no such value. */
export interface LoginTag {
	readonly [LOGIN]: true;
}

/**
 * What `protect` adds to an app's environment: `c.var.user`.
 *
 * Hono intersects the variables of an app with those of the handlers in front, and `this` is what
 * comes of it: an intersection alone could only narrow.
 *
 * @typeParam U The claims.
 * @typeParam A What `user` is besides on routes without a tag: `undefined` where the default rule
 *   or a pattern of `pages` is open, or may be as far as the compiler knows; else `never`.
 */
export interface UserVariables<U extends UserClaims = UserClaims, A extends undefined = undefined> {
	/** The signed-in person; `undefined` only on routes that everyone may open. */
	user: this extends LoginTag ? User<U> : this extends OpenTag ? User<U> | undefined : User<U> | A;
}
