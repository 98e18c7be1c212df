import type { UserClaims } from "./types.ts";

/**
 * The claims that come out of a schema. `sub` is always among them, whether the schema names it or
 * not. Without a member of its own a schema stands for `UserClaims`.
 */
export type SchemaClaims<C extends object> = [keyof C] extends [never]
	? UserClaims
	: (C extends { sub: string } ? C : C & { sub: string }) extends infer D extends UserClaims
		? D
		: never;
