import type { UserClaims } from "./types.ts";

/**
 * The claims that come out of a schema. `sub` is always among them, whether the schema names it or
 * not. A schema that says no more than `UserClaims` does is that.
 */
export type SchemaClaims<C extends object> = UserClaims extends C
	? UserClaims
	: (C extends { sub: string } ? C : C & { sub: string }) extends infer D extends UserClaims
		? D
		: never;
